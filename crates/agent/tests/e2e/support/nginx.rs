//! nginx, as the server of a test.

use std::fs;
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use super::eventually;

/// nginx in the foreground, ended when this is dropped.
pub(crate) struct Nginx(Child);

impl Nginx {
    /// Starts it with this configuration in a folder of its own, and waits until it listens at this address.
    pub(crate) fn start(folder: &Path, configuration: &str, listens: &str) -> Nginx {
        fs::create_dir(folder).unwrap();
        let config = folder.join("nginx.conf");
        fs::write(&config, configuration).unwrap();
        let child = Command::new("nginx")
            .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
            .arg("-p")
            .arg(folder)
            .arg("-e")
            .arg(folder.join("error.log"))
            .arg("-c")
            .arg(config)
            .stderr(Stdio::null())
            .spawn()
            .expect("this test needs nginx");
        let errors = || fs::read_to_string(folder.join("error.log")).unwrap_or_default();
        eventually("nginx listens", || TcpStream::connect(listens).is_ok(), errors);
        Nginx(child)
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}
