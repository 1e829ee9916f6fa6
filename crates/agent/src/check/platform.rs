//! The platform: whether it takes the key, and has what the mappings name.

use inventory::Instance;
use push::Failure;
use push::answers::Application;
use tokio::time::timeout;

use super::bound::PATIENCE;
use super::key::RENEW;
use super::row::Row;
use crate::config::bare;
use crate::config::{Config, Mappings, Platform};
use crate::similar::nearest;

const SUBJECT: &str = "platform";

/// Asks the platform, if it is known, for the applications that the key may see.
pub(super) async fn rows(config: Config, platform: Option<Platform>) -> Vec<Row> {
    let Some(platform) = platform else {
        return vec![Row::warning(SUBJECT, "not asked", "correct configuration and key first")];
    };
    let url = platform.url.to_string();
    let client = match crate::platform::client(platform) {
        Ok(client) => client,
        Err(problem) => {
            return vec![Row::error(SUBJECT, problem.to_string(), "correct it in the configuration")];
        }
    };
    match timeout(PATIENCE, client.applications()).await {
        Ok(Ok(applications)) => {
            let count = applications.len();
            let mut rows = vec![Row::ok(SUBJECT, format!("{url} takes the key; applications: {count}"))];
            rows.extend(mappings(&config.mappings, &applications));
            rows
        }
        Ok(Err(Failure::Key { shown })) => {
            vec![Row::error(SUBJECT, format!("{url} refuses the key ({shown})"), RENEW)]
        }
        Ok(Err(failure)) => vec![unreachable(&url, &failure.to_string())],
        Err(_) => vec![unreachable(&url, &format!("no answer within {} s", PATIENCE.as_secs()))],
    }
}

fn unreachable(url: &str, why: &str) -> Row {
    let remedy = "check the URL, the name service, the firewall and the proxy (HTTPS_PROXY) on the way; the mappings were not \
                  compared with the platform";
    Row::error(SUBJECT, format!("{url} cannot be asked: {why}"), remedy)
}

/// Returns the rows about mappings: whether each names an instance that is there.
fn mappings(mappings: &Mappings, applications: &[Application]) -> Vec<Row> {
    mappings.iter().map(|(key, instance)| mapping(key, instance, applications)).collect()
}

fn mapping(key: &str, ids: &Instance, applications: &[Application]) -> Row {
    const SUBJECT: &str = "mapping";
    let Some(app) = applications.iter().find(|app| app.id == ids.app) else {
        let finding = format!("{key}: the key sees no application with the ID '{}'", ids.app);
        return Row::error(SUBJECT, finding, guess_application(key, ids, applications));
    };
    let Some(instance) = app.instances.iter().find(|instance| instance.id == ids.instance) else {
        let finding =
            format!("{key}: the application '{}' has no instance with the ID '{}'", app.name, ids.instance);
        return Row::error(SUBJECT, finding, guess_instance(ids, app));
    };
    Row::ok(SUBJECT, format!("{key}: application '{}', instance '{}'", app.name, instance.name))
}

/// The application that may have been meant: its name stands where the ID belongs, the ID is nearly its own, or it has
/// (nearly) the name of the Service.
fn guess_application(key: &str, ids: &Instance, applications: &[Application]) -> String {
    let names = || applications.iter().map(|app| app.name.as_str()).filter(|name| !name.is_empty());
    let near_id = nearest(&ids.app, applications.iter().map(|app| app.id.as_str()));
    let near_name = || nearest(&ids.app, names()).or_else(|| nearest(bare(key), names()));
    let guess = match near_id {
        Some(id) => applications.iter().find(|app| app.id == id),
        None => near_name().and_then(|name| applications.iter().find(|app| app.name == name)),
    };
    match guess {
        Some(app) => format!("did you mean '{}', which has the ID '{}'?", app.name, app.id),
        None => "copy both IDs from the platform's address bar (.../application/<applicationId>/instance/<instanceId>), \
                 or choose in `traffic-monitor setup`"
            .to_owned(),
    }
}

fn guess_instance(ids: &Instance, app: &Application) -> String {
    let near = nearest(&ids.instance, app.instances.iter().map(|instance| instance.id.as_str()));
    let only = || app.instances.first().filter(|_| app.instances.len() == 1);
    let named = || app.instances.iter().find(|instance| instance.name == ids.instance);
    let guess = match near {
        Some(id) => app.instances.iter().find(|instance| instance.id == id),
        None => named().or_else(only),
    };
    match guess {
        Some(instance) => format!("did you mean '{}', which has the ID '{}'?", instance.name, instance.id),
        None => "copy the instance ID from the platform's address bar, or choose in `traffic-monitor setup`"
            .to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use push::answers::ApplicationInstance;

    use super::super::row::State;
    use super::*;

    fn judged(key: &str, app: &str, instance: &str) -> Row {
        let with = |id: &str, name: &str, instances: &[&str]| Application {
            id: id.into(),
            name: name.into(),
            instances: instances
                .iter()
                .map(|id| ApplicationInstance { id: (*id).into(), name: format!("name of {id}") })
                .collect(),
        };
        let applications =
            [with("1111-aaaa", "cart", &["i-1"]), with("2222-bbbb", "payments", &["first-2", "second-3"])];
        mapping(key, &Instance { app: app.into(), instance: instance.into() }, &applications)
    }

    #[test]
    fn a_mapping_to_what_is_there_is_ok() {
        let row = judged("shop/cart", "1111-aaaa", "i-1");
        assert_eq!(row, Row::ok("mapping", "shop/cart: application 'cart', instance 'name of i-1'"));
    }

    #[test]
    fn a_wrong_mapping_has_the_one_that_may_have_been_meant() {
        for (key, app, instance, says) in [
            ("x", "1111-aaab", "i-1", "'1111-aaaa'"),
            ("x", "Payments", "i", "'2222-bbbb'"),
            ("cart.shop", "0", "i", "'1111-aaaa'"),
            ("x", "0", "i", "address bar"),
            ("x", "1111-aaaa", "wrong", "'i-1'"),
            ("x", "2222-bbbb", "scond-3", "'second-3'"),
            ("x", "2222-bbbb", "name of first-2", "'first-2'"),
            ("x", "2222-bbbb", "wrong", "address bar"),
        ] {
            let row = judged(key, app, instance);
            assert_eq!(row.state, State::Error);
            assert!(row.remedy.as_ref().unwrap().contains(says), "{row:?}");
        }
    }
}
