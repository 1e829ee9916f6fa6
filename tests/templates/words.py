"""Words that values are made of: nothing here is taken from the product's own lists."""
FIRST = """alice bob carol dave erin frank grace heidi ivan judy mallory niaj olivia peggy rupert sybil trent victor walter anna ben clara
daniel emma felix greta hannah isaac julia karl lena max nora oscar paula quentin rosa simon tina ulrich vera wanda xavier yara zoe
aiko bjorn chidi dmitri elif farid giulia hiroshi ines jamal kofi leila mateo nadia omar priya qiang rafael sana tariq uma vikram wei
ximena yusuf zainab aaron beatrice cedric dolores edgar fiona gavin hugo irene jasper kira lorenzo mona nathan ottilie pascal ramona
stefan theresa urban valerie wilma yannick""".split()
LAST = """smith jones taylor brown wilson evans thomas johnson roberts walker wright robinson hughes edwards green hall wood jackson clarke
mueller schmidt schneider fischer weber meyer wagner becker schulz hoffmann rossi russo ferrari esposito bianchi garcia martinez lopez
gonzalez perez silva santos oliveira souza dubois moreau laurent lefebvre novak kowalski nowak ivanov petrov tanaka suzuki watanabe
kim lee park nguyen tran patel singh khan okafor mensah haddad cohen levi yilmaz kaya jensen nielsen hansen larsen""".split()
CITIES = """berlin hamburg munich cologne leipzig vienna zurich geneva paris lyon marseille london leeds bristol glasgow dublin cork madrid
seville valencia lisbon porto rome milan turin naples athens oslo bergen stockholm malmo helsinki turku warsaw krakow gdansk prague brno
budapest bucharest sofia belgrade zagreb istanbul ankara cairo lagos nairobi accra dakar mumbai delhi pune chennai tokyo osaka kyoto
seoul busan taipei hanoi jakarta manila sydney perth auckland toronto montreal vancouver boston chicago denver seattle austin dallas
new-york san-francisco los-angeles rio-de-janeiro buenos-aires cape-town tel-aviv hong-kong""".split()
NOUNS = """anchor apple arrow atlas badger beacon birch bison bridge bronze cactus candle canyon castle cedar cheetah cloud cobalt comet
coral cosmos cricket crystal delta desert dolphin dragon dune eagle ember falcon feather fern finch flint forest fox galaxy garnet
glacier granite grove harbor hawk hazel heron horizon iris island ivory jade jaguar juniper kestrel koala lagoon lantern lark lemon
leopard lily lotus lynx maple marble meadow meteor mint moon nebula nectar oak oasis ocean olive onyx orbit orchid osprey otter owl
panther pebble pepper phoenix pine planet plum poplar prairie quartz quill rabbit raven reef ridge river robin rocket saffron sage
salmon sapphire shadow sierra silver sparrow spruce summit sunset swift thistle thunder tiger topaz tulip valley velvet violet walnut
willow wolf zebra zephyr""".split()
ADJECTIVES = """amber ancient bold brave bright calm clever crimson curious dapper eager early easy fancy fast fierce gentle golden
grand happy hidden humble icy jolly keen kind late lazy little lively lucky mellow mighty modern noble odd patient polite proud quick
quiet rapid royal rusty shiny silent sleepy smooth snowy solid spicy steady still sunny tidy tiny vivid warm wild wise young""".split()
WORK = """billing checkout payments orders search catalog inventory auth gateway notifications mailer reporting analytics ingest
scheduler frontend backend worker crawler indexer exporter importer metrics audit sessions profile pricing shipping refunds invoices
warehouse ledger sync backup staging sandbox onboarding marketing sales support finance legal research design mobile desktop""".split()
TITLE = """guide introduction overview getting started release notes summer winter sale annual report quarterly review how to build
better faster secure introducing our new product launch story customer interview behind the scenes weekly digest tips tricks howto
migration checklist best practices field recipe chocolate cake running shoes wireless headphones leather wallet garden chair""".split()
