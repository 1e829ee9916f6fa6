//! Small programs, built by the C compiler, in which the places are where binutils says that the functions are.

use std::path::{Path, PathBuf};
use std::process::Command;

use traffic_monitor_finder::{Call, Found, Kind, NotFound, Random, Register, Step, find};

const SHARED: [&str; 4] = ["-O2", "-fPIC", "-shared", "-nostdlib"];
const FIXED: [&str; 6] = ["-O2", "-static", "-no-pie", "-fno-pic", "-nostdlib", "-Wl,-e,client_random"];

struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        std::fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    /// Builds a program, with its symbols and without. Returns both, and the address of one of its functions.
    fn build(&self, source: &str, options: &[&str], function: &str) -> ([Vec<u8>; 2], Option<u64>) {
        let source = format!("{}/tests/programs/{source}", env!("CARGO_MANIFEST_DIR"));
        let (whole, stripped) = (self.0.join("whole"), self.0.join("stripped"));
        let (whole, stripped) = (whole.to_str().unwrap(), stripped.to_str().unwrap());
        run("cc", &[options, &["-o", whole, &source]].concat());
        run("strip", &["-o", stripped, whole]);
        let names = run("nm", &[whole]);
        let line = names.lines().find(|line| line.ends_with(&format!(" {function}")));
        let address = line.map(|line| u64::from_str_radix(line.split_once(' ').unwrap().0, 16).unwrap());
        ([whole, stripped].map(|path| std::fs::read(path).unwrap()), address)
    }

    fn shared(&self, source: &str, define: &[&str]) -> Vec<u8> {
        let ([_, stripped], _) = self.build(source, &[&SHARED, define].concat(), "none");
        stripped
    }

    fn go(&self, define: &[&str]) -> (Vec<u8>, Option<u64>) {
        let ([_, stripped], address) =
            self.build("go.S", &[&["-shared", "-nostdlib"], define].concat(), "writes");
        (stripped, address)
    }
}

fn run(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    let output = output.unwrap_or_else(|error| panic!("{program}: {error}; run: scripts/setup test"));
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Returns the only point, which must be in the first bytes of a function. The first segments of these programs are mapped as
/// they stand in the file, from this address on.
fn only(found: &Found, function: Option<u64>, base: u64) -> Call {
    let [point] = found.points[..] else { panic!("{found:?}") };
    let function = function.unwrap() - base;
    assert!((function..function + 32).contains(&point.offset), "{found:?}, not at {function:#x}");
    assert_eq!(point.step, Step::Emulated);
    point.call
}

#[test]
fn the_function_of_a_c_library_is_found_by_its_name_and_by_its_labels() {
    let folder = Folder::new("labels");
    for (options, base) in [(&SHARED[..], 0), (&FIXED, 0x40_0000)] {
        let ([whole, stripped], function) = folder.build("log.c", options, "ssl_log_secret");
        let (by_name, by_labels) = (find(&whole).unwrap(), find(&stripped).unwrap());
        assert_eq!(by_name, by_labels);
        let Call::Log { secret, length, random, .. } = only(&by_name, function, base) else {
            panic!("{by_name:?}")
        };
        let wanted = (Register::Rdx, Register::Rcx, Random::At { pointer: None, offset: 352 });
        assert_eq!((secret, length, random), wanted);
        assert_eq!(by_name.library.to_string(), "OpenSSL");
        assert_eq!(by_name.build_id.unwrap().to_string().len(), 40);
    }
}

#[test]
fn one_label_proves_no_function() {
    let file = Folder::new("one-label").shared("log.c", &["-DONE_LABEL"]);
    assert_eq!(find(&file), Err(NotFound::Unproved(Kind::OpenSsl)));
}

#[test]
fn labels_without_code_and_names_of_data_give_no_place() {
    let folder = Folder::new("names");
    assert_eq!(find(&folder.shared("names.c", &[])), Err(NotFound::NoLibrary));
    let ([whole, stripped], lie) =
        folder.build("names.c", &[&SHARED[..], &["-DLYING"]].concat(), "ssl_log_secret");
    assert!(lie.is_some());
    for file in [whole, stripped] {
        assert_eq!(find(&file), Err(NotFound::Unproved(Kind::OpenSsl)));
    }
}

#[test]
fn what_cannot_be_read_is_named() {
    let folder = Folder::new("absent");
    assert_eq!(find(&folder.shared("names.c", &["-DJAVA"])), Err(NotFound::Jsse));
    assert_eq!(find(&folder.shared("names.c", &["-DRING"])), Err(NotFound::Ring));
    let mut file = folder.shared("log.c", &[]);
    file[18..20].copy_from_slice(&183_u16.to_le_bytes());
    assert_eq!(find(&file), Err(NotFound::Aarch64));
    file[18..20].copy_from_slice(&243_u16.to_le_bytes());
    assert_eq!(find(&file), Err(NotFound::Machine(243)));
    assert_eq!(find(b"#!/bin/sh\n"), Err(NotFound::NotElf));
    assert_eq!(find(b"\x7fELF"), Err(NotFound::Malformed));
}

#[test]
fn functions_of_aws_lc_are_found_by_the_source_that_they_name() {
    let folder = Folder::new("hkdf");
    let ([whole, stripped], function) = folder.build("hkdf.c", &SHARED, "aws_lc_0_47_0_HKDF_expand");
    for found in [find(&whole).unwrap(), find(&stripped).unwrap()] {
        let Call::Hkdf { prk, info, info_length_at, .. } = only(&found, function, 0) else {
            panic!("{found:?}")
        };
        assert_eq!((prk, info, info_length_at), (Register::Rcx, Register::R9, 8));
    }
}

#[test]
fn a_go_program_says_where_its_functions_are() {
    let folder = Folder::new("go");
    let (magic, start) = ("-DMAGIC=0xfffffff1", "-DSTART=0x1000");
    let name = "-DNAME=\"crypto/tls.(*Config).writeKeyLog\"";
    // In its own section; where C's linker moved it.
    for table in ["-DTABLE=.gopclntab", "-DTABLE=.rodata"] {
        let (file, function) = folder.go(&[magic, start, name, table]);
        let found = find(&file).unwrap();
        assert_eq!(found.library.kind, Kind::Go);
        let Call::Go { label, random, secret, .. } = only(&found, function, 0) else { panic!("{found:?}") };
        assert_eq!((label, random, secret), (Register::Rbx, Register::Rdi, Register::R9));
    }
    let of = |define: &[&str]| find(&folder.go(&[define, &["-DTABLE=.gopclntab"]].concat()).0);
    assert!(of(&[magic, "-DSTART=0", name]).is_ok(), "the section of the text");
    let unproved = Err(NotFound::Unproved(Kind::Go));
    assert_eq!(of(&[magic, start, name, "-DNO_CHECK"]), unproved, "it does not begin as Go's do");
    assert_eq!(of(&[magic, start, "-DNAME=\"main.main\""]), Err(NotFound::GoWithoutTls));
    assert_eq!(of(&["-DMAGIC=0xfffffffb", start, name]), Err(NotFound::GoVersion));
}

#[test]
fn a_damaged_file_gives_no_place_outside_of_its_code() {
    let folder = Folder::new("damaged");
    let ([whole, _], _) = folder.build("log.c", &SHARED, "none");
    let (go, _) =
        folder.go(&["-DMAGIC=0xfffffff1", "-DSTART=0x1000", "-DTABLE=.gopclntab", "-DNAME=\"crypto/tls\""]);
    for file in [whole, folder.shared("hkdf.c", &[]), go] {
        for len in (0..file.len()).step_by(37) {
            let _ = find(&file[..len]);
        }
        for at in 0..file.len() {
            for byte in [0, 1, 0x7f, 0xff] {
                let mut damaged = file.clone();
                damaged[at] = byte;
                if let Ok(found) = find(&damaged) {
                    assert!(found.points.iter().all(|point| point.offset < file.len() as u64));
                }
            }
        }
    }
}
