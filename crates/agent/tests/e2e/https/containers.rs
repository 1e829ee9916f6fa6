//! Servers in containers: roots of their own, one image under several of them, files that are gone.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::server::{Ended, Server, is_read, lines};
use crate::support::{Agent, Stage, eventually};

/// What stands in for an image: a folder with nginx, and what it needs.
fn image(stage: &Stage) -> PathBuf {
    let root = stage.path("image");
    let mut files = vec!["/usr/sbin/nginx".to_owned()];
    let libraries = Command::new("ldd").arg("/usr/sbin/nginx").output().unwrap();
    let text = String::from_utf8(libraries.stdout).unwrap();
    files.extend(text.split_whitespace().filter(|word| word.starts_with('/')).map(str::to_owned));
    for name in ["libnss_files.so.2", "libssl.so.3"] {
        let path = format!("/lib/x86_64-linux-gnu/{name}");
        files.extend(fs::exists(&path).unwrap().then_some(path));
    }
    for file in files {
        let to = root.join(file.trim_start_matches('/'));
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(&file, &to).unwrap();
    }
    for folder in ["dev", "etc", "tmp", "var/lib/nginx", "var/log/nginx"] {
        fs::create_dir_all(root.join(folder)).unwrap();
    }
    fs::write(root.join("etc/passwd"), "root:x:0:0::/:/bin/sh\n").unwrap();
    fs::write(root.join("etc/group"), "root:x:0:\n").unwrap();
    root
}

/// Starts nginx in a mount namespace of its own, whose root is an overlay over the image.
fn contained(stage: &Stage, image: &Path, port: u16) -> Server {
    let [upper, work, merged] = ["upper", "work", "merged"].map(|name| {
        let folder = stage.path(&format!("{name}-{port}"));
        fs::create_dir(&folder).unwrap();
        folder
    });
    // An overlay cannot lie on another one.
    let script = format!(
        "set -e; mount -t tmpfs none {work}; mkdir {work}/u {work}/w; \
         mount -t overlay none -o lowerdir={image},upperdir={work}/u,workdir={work}/w {merged}; \
         mkdir -p {merged}/conf; cp {upper}/* {merged}/conf/; exec chroot {merged} /usr/sbin/nginx -p /conf -c /conf/nginx.conf -e /conf/error.log",
        work = work.display(),
        image = image.display(),
        merged = merged.display(),
        upper = upper.display(),
    );
    Server::contained(stage, &upper, &["unshare", "--mount", "sh", "-c", &script], port)
}

#[test]
fn two_containers_of_one_image_are_read_by_one_probe() {
    let stage = Stage::live();
    stage.write_config(&[]);
    let image = image(&stage);
    let servers = [8443, 8444].map(|port| contained(&stage, &image, port));
    let targets = [servers[0].target("one"), servers[1].target("two")];
    let agent = Agent::start_at_sockets_with(&stage, &[&targets[0], &targets[1]], &["--tls"]);
    for (name, server) in ["one", "two"].iter().zip(&servers) {
        is_read(&agent, name);
        server.ask(&[], &["/api/v1/orders", "/api/v1/items"]);
        agent.until("all requests", || agent.service(&format!("shop/{name}"))["requests"] == 2);
    }
    let probed = lines(&agent).into_iter().filter(|line| line.contains(": probed, ")).collect::<Vec<_>>();
    assert_eq!(probed.len(), 1, "{probed:?}");
    let log = agent.stop();
    assert_eq!(super::server::tls(&log, "no_key"), 0, "{log}");
}

/// As an upgrade inside of a container does.
#[test]
fn a_library_that_was_deleted_after_it_was_loaded_is_read_with_the_right_for_it_and_else_said() {
    let stage = Stage::live();
    stage.write_config(&[]);
    let image = image(&stage);
    let library = image.join("lib/x86_64-linux-gnu/libssl.so.3");
    let server = Server::in_root(&stage, &image, 8443);
    fs::remove_file(&library).unwrap();
    let agent = Agent::start_at_sockets_with(&stage, &[&server.target("one")], &["--tls"]);
    is_read(&agent, "one");
    server.ask(&[], &["/api/v1/orders"]);
    agent.until("all requests", || agent.service("shop/one")["requests"] == 1);
    agent.stop();
    stage.write("services.json", "{\"services\": []}");
    let mut outer = Command::new("setpriv");
    outer.args([
        "--bounding-set=-all,+net_raw,+net_admin,+bpf,+perfmon,+sys_ptrace",
        "--inh-caps=-all",
        "--no-new-privs",
    ]);
    let agent = Agent::start_at_best_with(&stage, &outer, &server.target("one"), &["--tls"]);
    agent.wait_for("for files without a path CAP_CHECKPOINT_RESTORE");
    server.ask(&[], &["/api/v1/orders"]);
    agent.until("it is counted", || {
        lines(&agent).iter().any(|line| line == "shop/one: connections: 1 no_key")
    });
    agent.stop();
}

#[test]
fn what_starts_later_is_found_at_a_connection_without_a_secret() {
    let stage = Stage::live();
    stage.write_config(&["cart"]);
    let image = image(&stage);
    let first = Server::nginx(&stage, 8443);
    let agent = Agent::start_at_sockets_with(&stage, &[&first.target("cart")], &["--tls"]);
    is_read(&agent, "cart");
    // In the same cgroup, with a library that nobody has seen.
    let mut late = Command::new("sh");
    late.args(["-c", "echo $$ > \"$0\" && exec \"$@\""]).arg(first.cgroup.path().join("cgroup.procs"));
    let folder = Server::configure(&stage, &image, 8444);
    late.arg("chroot").arg(&image).args([
        "/usr/sbin/nginx",
        "-p",
        &folder,
        "-c",
        &format!("{folder}/nginx.conf"),
    ]);
    let late = Ended(late.stderr(Stdio::null()).spawn().unwrap());
    let ask = || {
        let mut curl = Command::new("curl");
        curl.args(["-sSk", "--noproxy", "*", "-o", "/dev/null", "https://127.0.0.1:8444/api/v1/late"]);
        curl.status().unwrap().success()
    };
    // The first one has no secret, which makes the finder look.
    eventually("the second server answers", ask, String::new);
    agent.until("the second library is probed", || {
        ask();
        lines(&agent).iter().filter(|line| line.contains(": probed, ")).count() == 2
    });
    agent.until("it is read", || {
        ask();
        agent.service("shop/cart")["requests"].as_u64() > Some(0)
    });
    drop(late);
    agent.stop();
}
