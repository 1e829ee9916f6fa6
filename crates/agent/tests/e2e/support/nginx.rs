//! nginx, as the server of a test.

use std::fs;
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use super::eventually;

/// nginx in the foreground, ended when this is dropped.
pub(crate) struct Nginx {
    child: Child,
    /// Where its configuration and its logs are.
    pub(crate) folder: PathBuf,
}

impl Nginx {
    /// Starts it with this configuration in a folder of its own, and waits until it listens at this address.
    pub(crate) fn start(folder: &Path, configuration: &str, listens: &str) -> Nginx {
        let mut command = Command::new("nginx");
        command.env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
        let nginx = Nginx::spawn(configured(command, folder, configuration), folder);
        eventually("nginx listens", || TcpStream::connect(listens).is_ok(), || nginx.errors());
        nginx
    }

    /// Has a command that starts it serve what `server` says, in a folder of its own, and count what it is asked.
    pub(crate) fn serving(command: Command, folder: &Path, server: &str) -> Command {
        let configuration = format!(
            "daemon off; master_process off; user root; pid nginx.pid; error_log error.log; events {{}}
             http {{ access_log access.log; client_body_temp_path t1; proxy_temp_path t2; fastcgi_temp_path t3;
               uwsgi_temp_path t4; scgi_temp_path t5; keepalive_requests 100000; sendfile on;
               server {{ {server} }} }}"
        );
        configured(command, folder, &configuration)
    }

    /// Starts it with such a command, wherever that does, and waits until it listens.
    pub(crate) fn run(command: Command, folder: &Path) -> Nginx {
        let nginx = Nginx::spawn(command, folder);
        eventually("nginx listens", || nginx.folder.join("nginx.pid").exists(), || nginx.errors());
        nginx
    }

    fn spawn(mut command: Command, folder: &Path) -> Nginx {
        let child = command.stderr(Stdio::null()).spawn().expect("this test needs nginx");
        Nginx { child, folder: folder.to_path_buf() }
    }

    /// Returns how often it was asked.
    pub(crate) fn asked(&self) -> u64 {
        fs::read_to_string(self.folder.join("access.log")).unwrap().lines().count() as u64
    }

    fn errors(&self) -> String {
        fs::read_to_string(self.folder.join("error.log")).unwrap_or_default()
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Makes the folder with this configuration, which the command uses.
fn configured(mut command: Command, folder: &Path, configuration: &str) -> Command {
    fs::create_dir(folder).unwrap();
    let file = folder.join("nginx.conf");
    fs::write(&file, configuration).unwrap();
    command.arg("-p").arg(folder).arg("-e").arg(folder.join("error.log")).arg("-c").arg(file);
    command
}
