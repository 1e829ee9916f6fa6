//! Any record of the store is read or left alone, and an inventory that took it over goes on.

use ::decode::Timestamp;
use ::identify::ServiceName;
use ::inventory::{EndpointKey, Instance, Inventory, Record, Settings};
use ::store::{read_body, read_endpoint, read_mapping, read_shapes};

/// A moment after everything that a record may name sensibly.
const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);

/// The first byte is the length of the key; then come the key and the value, which is read as it is, and as the payload of a value whose
/// checksum is right.
pub fn records(data: &[u8]) {
    let Some((&len, rest)) = data.split_first() else { return };
    let (key, value) = rest.split_at(usize::from(len).min(rest.len()));
    for value in [value, &written(key, value)] {
        if let Ok((service, mapping)) = read_mapping(key, value) {
            let mut inventory = Inventory::new(Settings::default());
            inventory.restore_mapping(service.clone(), mapping);
            assert!(inventory.learned_mapping(&service).is_some());
        }
        let _ = read_body(key, value);
        if let Ok((key, shapes)) = read_shapes(key, value) {
            let mut inventory = Inventory::new(Settings::default());
            inventory.restore(key.clone(), Record::default());
            inventory.restore_shapes(key.clone(), shapes);
            let known = inventory.get(&key).and_then(|endpoint| endpoint.shapes());
            let _ = known.map(::redact::Shapes::to_json);
        }
        if let Ok((key, record)) = read_endpoint(key, value) {
            take_over(&key, &record);
        }
    }
}

/// A value with this payload, as the first version of the form has it.
fn written(key: &[u8], payload: &[u8]) -> Vec<u8> {
    let mut crc = crc32fast::Hasher::new();
    [key, &[1], payload].into_iter().for_each(|part| crc.update(part));
    [&[1], &crc.finalize().to_le_bytes()[..], payload].concat()
}

/// Has an inventory take over a record twice, and looks at it in every way.
fn take_over(key: &EndpointKey, record: &Record) {
    let instance_of = |_: &ServiceName| Some(Instance { app: "a".into(), instance: "i".into() });
    let mut inventory = Inventory::new(Settings::default());
    for _ in 0..2 {
        inventory.restore(key.clone(), record.clone());
        assert!(inventory.balanced() && inventory.len() == 1);
    }
    inventory.restored(false);
    let due: usize = inventory.due(NOW, instance_of, 10).iter().map(|(_, items)| items.len()).sum();
    assert_eq!(due, inventory.in_flight());
    inventory.release_all();
    let _ = inventory.outbox(NOW, instance_of, 10);
    let _ = inventory.to_verify(NOW);
    assert!(inventory.owners(NOW, instance_of).len() == 1);
    let again = serde_json::to_vec(&inventory.get(key).expect("it was taken over").record).expect("JSON");
    serde_json::from_slice::<Record>(&again).expect("what was written is read");
}
