//! The program at a terminal of 80 columns, with a person who reads before typing.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Child, Command, ExitStatus};
use std::sync::{Arc, Mutex};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, Winsize, tcgetattr, tcsetwinsize};

use super::eventually;

/// The columns of the terminal.
pub(crate) const COLUMNS: usize = 80;

pub(crate) struct Terminal {
    master: File,
    /// Kept open, so that its settings can be looked at when the program is gone.
    slave: File,
    child: Child,
    seen: Arc<Mutex<Vec<u8>>>,
    /// How much of it was expected already.
    read: usize,
}

impl Terminal {
    /// Starts the program in this folder.
    pub(crate) fn start(folder: &Path, args: &[&str]) -> Terminal {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        let name = ptsname(&master, Vec::new()).unwrap().into_string().unwrap();
        let slave = OpenOptions::new().read(true).write(true).open(name).unwrap();
        let size = Winsize { ws_row: 24, ws_col: COLUMNS as u16, ws_xpixel: 0, ws_ypixel: 0 };
        tcsetwinsize(&slave, size).unwrap();
        let end = || slave.try_clone().unwrap();
        let child = Command::new("setsid")
            .args(["--ctty", env!("CARGO_BIN_EXE_traffic-monitor"), "setup"])
            .args(args)
            .current_dir(folder)
            .env_remove("APISEC_API_KEY")
            .stdin(end())
            .stdout(end())
            .stderr(end())
            .spawn()
            .expect("this test needs setsid (Debian: util-linux)");
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (mut reader, sink) = (File::from(master.try_clone().unwrap()), Arc::clone(&seen));
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            // Ends with an error when no end of the slave is open any more.
            while let Ok(count @ 1..) = reader.read(&mut buffer) {
                sink.lock().unwrap().extend_from_slice(&buffer[..count]);
            }
        });
        Terminal { master: File::from(master), slave, child, seen, read: 0 }
    }

    /// All that the terminal showed.
    pub(crate) fn screen(&self) -> String {
        String::from_utf8_lossy(&self.seen.lock().unwrap()).replace('\r', "")
    }

    /// Waits for this text behind what was expected before.
    #[track_caller]
    pub(crate) fn expect(&mut self, text: &str) {
        let from = self.read;
        let found = || self.screen().get(from..).and_then(|new| new.find(text));
        eventually(text, || found().is_some(), || self.screen());
        self.read = from + found().unwrap() + text.len();
    }

    /// Types these bytes.
    pub(crate) fn type_in(&mut self, bytes: &[u8]) {
        self.master.write_all(bytes).unwrap();
    }

    /// Waits for the prompt, and answers it.
    #[track_caller]
    pub(crate) fn answer(&mut self, prompt: &str, line: &str) {
        self.expect(prompt);
        self.type_in(format!("{line}\r").as_bytes());
    }

    /// Returns whether the terminal shows what is typed.
    pub(crate) fn echoes(&self) -> bool {
        tcgetattr(&self.slave).unwrap().local_modes.contains(LocalModes::ECHO | LocalModes::ICANON)
    }

    /// The id of the program.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Waits for the program's end.
    pub(crate) fn wait(&mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
