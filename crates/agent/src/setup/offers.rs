//! What there is to choose from: the Services of the cluster, the applications of the platform.

use std::time::Duration;

use identify::ServiceName;
use inventory::Instance;
use push::answers::Application;
use push::{BaseUrl, UrlRules};

use super::cluster;
use super::draft::Draft;
use super::key::Key;
use super::page::{cut, say, warn};
use crate::cli::SetupArgs;
use crate::config::{self, bare, covers};
use crate::platform;
use crate::similar::nearest;

/// A person waits for the platform: shorter than the agent's own time-outs.
const CONNECT: Duration = Duration::from_secs(5);
const CALL: Duration = Duration::from_secs(15);
/// How much of a name is shown inside of a sentence, in columns.
const NAME: usize = 60;

/// What is known of cluster and platform.
#[derive(Default)]
pub(super) struct Offers {
    /// Empty when nothing is known.
    pub(super) services: Vec<ServiceName>,
    /// `None` when nothing is known.
    pub(super) applications: Option<Vec<Application>>,
}

impl Offers {
    /// Asks cluster and platform, and says what came of it.
    pub(super) async fn gather(draft: &Draft, args: &SetupArgs) -> Offers {
        let services = cluster::services().await.unwrap_or_else(|error| {
            warn(&format!("The cluster cannot be asked for its Services: {error}"));
            Vec::new()
        });
        let applications = match draft.key() {
            Some(_) => applications(draft, args).await,
            None => None,
        };
        Offers { services, applications }
    }

    /// Returns what is doubtful about the name of a mapping.
    pub(super) fn doubt_name(&self, name: &str) -> Option<String> {
        let covered: Vec<_> = self.services.iter().filter(|service| covers(name, service)).collect();
        if let [first, second, ..] = covered[..] {
            return Some(format!(
                "{} means both {first} and {second}, which then go to one instance. To tell them apart, map each by its full name.",
                cut(name, NAME)
            ));
        }
        if self.services.is_empty() || !covered.is_empty() {
            return None;
        }
        let full: Vec<String> = self.services.iter().map(ToString::to_string).collect();
        let short = self.services.iter().map(|service| service.name.as_str());
        let guess = nearest(name, full.iter().map(String::as_str).chain(short));
        let guess = guess.map(|guess| format!(" Did you mean {guess}?")).unwrap_or_default();
        Some(format!("The cluster has no Service {}.{guess}", cut(name, NAME)))
    }

    /// Returns what is doubtful about the ids of a mapping.
    pub(super) fn doubt_ids(&self, ids: &Instance) -> Option<String> {
        let applications = self.applications.as_ref()?;
        let Some(app) = applications.iter().find(|app| app.id == ids.app) else {
            let named = applications.iter().find(|app| app.name == ids.app);
            let hint =
                named.map(|app| format!(" It is the name of the one with the ID {}.", cut(&app.id, NAME)));
            let hint = hint.unwrap_or_default();
            return Some(format!("The key sees no application with the ID {}.{hint}", cut(&ids.app, NAME)));
        };
        let known = app.instances.iter().any(|instance| instance.id == ids.instance);
        let (name, id) = (cut(&app.name, NAME), cut(&ids.instance, NAME));
        (!known).then(|| format!("The application {name} has no instance with the ID {id}."))
    }

    /// The names of application and instance, where they are known.
    pub(super) fn names(&self, ids: &Instance) -> Option<(&str, &str)> {
        let app = self.applications.as_ref()?.iter().find(|app| app.id == ids.app)?;
        let instance = app.instances.iter().find(|instance| instance.id == ids.instance)?;
        Some((&app.name, &instance.name))
    }

    /// The application whose name is the Service's, if there is exactly one.
    pub(super) fn namesake(&self, service: &str) -> Option<&Application> {
        let mut same = self.applications.iter().flatten().filter(|app| app.name == bare(service));
        same.next().filter(|_| same.next().is_none())
    }
}

/// The applications that the key may see.
async fn applications(draft: &Draft, args: &SetupArgs) -> Option<Vec<Application>> {
    let url = draft.url();
    match ask(draft, &url, args).await {
        Ok(applications) => {
            let count = match applications.len() {
                1 => "1 application".to_owned(),
                count => format!("{count} applications"),
            };
            say(&format!("The platform at {} takes the key: {count}.", cut(&url, NAME)));
            Some(applications)
        }
        Err(error) => {
            warn(&format!(
                "The platform at {} cannot be asked, so neither key nor IDs are checked: {error}",
                cut(&url, NAME)
            ));
            None
        }
    }
}

async fn ask(draft: &Draft, url: &str, args: &SetupArgs) -> Result<Vec<Application>, String> {
    let rules = UrlRules { allow_http: args.allow_http, ..UrlRules::default() };
    let url = BaseUrl::parse(url, &rules).map_err(|error| error.to_string())?;
    let key = draft.key().and_then(Key::for_client).ok_or("there is no key")?;
    let platform = config::Platform { url, key, ca_file: args.ca_file.clone() };
    let client = platform::client_within(platform, CONNECT, CALL).map_err(|problem| problem.to_string())?;
    client.applications().await.map_err(|failure| match failure {
        push::Failure::Key { shown } => format!("it refuses the key ({shown}); copy the key again"),
        other => other.to_string(),
    })
}

#[cfg(test)]
pub(super) mod tests {
    use push::answers::ApplicationInstance;

    use super::*;

    pub(in crate::setup) fn offers() -> Offers {
        let service =
            |namespace: &str, name: &str| ServiceName { namespace: namespace.into(), name: name.into() };
        let instance = |id: &str, name: &str| ApplicationInstance { id: id.into(), name: name.into() };
        let application =
            |id: &str, name: &str, instances| Application { id: id.into(), name: name.into(), instances };
        Offers {
            services: vec![service("beta", "cart"), service("shop", "cart"), service("shop", "pay")],
            applications: Some(vec![
                application("app-1", "cart", vec![instance("inst-1", "prod")]),
                application("app-2", "pay", vec![instance("inst-2", "prod"), instance("inst-3", "test")]),
                application("app-3", "twin", vec![]),
                application("app-4", "twin", vec![]),
            ]),
        }
    }

    fn ids(app: &str, instance: &str) -> Instance {
        Instance { app: app.into(), instance: instance.into() }
    }

    #[test]
    fn unknown_names_are_doubted_with_a_guess() {
        assert!(offers().doubt_name("cart").unwrap().starts_with("cart means both beta/cart and shop/cart"));
        for known in ["shop/cart", "shop/pay", "pay", "pay.shop"] {
            assert_eq!(offers().doubt_name(known), None);
        }
        assert_eq!(
            offers().doubt_name("crat").unwrap(),
            "The cluster has no Service crat. Did you mean cart?"
        );
        assert!(offers().doubt_name("shop/pya").unwrap().ends_with("mean shop/pay?"));
        assert_eq!(offers().doubt_name("orders").unwrap(), "The cluster has no Service orders.");
        assert_eq!(Offers::default().doubt_name("orders"), None);
    }

    #[test]
    fn unknown_ids_are_doubted() {
        assert_eq!(offers().doubt_ids(&ids("app-2", "inst-3")), None);
        assert!(offers().doubt_ids(&ids("app-2", "inst-1")).unwrap().contains("pay has no instance"));
        assert!(offers().doubt_ids(&ids("pay", "x")).unwrap().contains("the one with the ID app-2"));
        assert_eq!(Offers::default().doubt_ids(&ids("x", "y")), None);
    }

    #[test]
    fn a_namesake_is_the_only_one_of_its_name() {
        assert_eq!(offers().namesake("shop/cart").unwrap().id, "app-1");
        assert!(offers().namesake("twin").is_none() && offers().namesake("none").is_none());
    }
}
