//! What is found.

use std::fmt;

/// A TLS library, and where to probe it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// What it is.
    pub library: Library,
    /// The file's build id, where it has one.
    pub build_id: Option<BuildId>,
    /// The places, at least one.
    pub points: Vec<Point>,
}

/// One library of a file, and where to probe it.
pub(crate) struct Part {
    pub(crate) library: Library,
    pub(crate) points: Vec<Point>,
}

/// What a library is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Library {
    /// The project that it comes from.
    pub kind: Kind,
    /// Its version, where the file says it: `3.0.19`. At most 32 characters of ASCII.
    pub version: Option<String>,
}

/// The projects whose libraries can be found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// OpenSSL, 1.1.1 or later.
    OpenSsl,
    /// BoringSSL.
    BoringSsl,
    /// GnuTLS, 3.6.13 or later.
    GnuTls,
    /// `crypto/tls` of Go, 1.17 or later.
    Go,
    /// rustls with aws-lc-rs. The version is that of aws-lc's crate.
    AwsLc,
}

impl Kind {
    /// Returns the name that people know.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Kind::OpenSsl => "OpenSSL",
            Kind::BoringSsl => "BoringSSL",
            Kind::GnuTls => "GnuTLS",
            Kind::Go => "Go",
            Kind::AwsLc => "rustls with aws-lc-rs",
        }
    }
}

impl fmt::Display for Library {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.version {
            Some(version) => write!(f, "{} {version}", self.kind.name()),
            None => f.write_str(self.kind.name()),
        }
    }
}

/// The build id of a file (`NT_GNU_BUILD_ID`): 8 to 32 bytes. Displayed as hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct BuildId(Box<[u8]>);

impl BuildId {
    pub(crate) fn new(bytes: &[u8]) -> Option<BuildId> {
        (8..=32).contains(&bytes.len()).then(|| BuildId(bytes.into()))
    }
}

impl fmt::Display for BuildId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// A place for a probe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Point {
    /// The place, in bytes from the beginning of the file, as uprobes count.
    pub offset: u64,
    /// What the kernel does with the instruction.
    pub step: Step,
    /// What is called there, and where its arguments are when the probe fires.
    pub call: Call,
}

/// How the kernel gets over the instruction that a probe replaces (`arch/x86/kernel/uprobes.c`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// It does in its own code what the instruction does.
    Emulated,
    /// It lets the processor execute a copy, which costs a second trap.
    SingleStepped,
}

/// What is called, and where its arguments are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    /// `ssl_log_secret` of OpenSSL and BoringSSL, `_gnutls_call_keylog_func` of GnuTLS. The label is a C string.
    Log {
        /// Holds the session's address.
        session: Register,
        /// Holds the label's address.
        label: Register,
        /// Holds the secret's address.
        secret: Register,
        /// Holds the secret's length in bytes.
        length: Register,
        /// Where the session keeps the client's random.
        random: Random,
    },
    /// `crypto/tls.(*Config).writeKeyLog` of Go. Nothing ends with a zero.
    Go {
        /// Holds the label's address.
        label: Register,
        /// Holds the label's length in bytes.
        label_length: Register,
        /// Holds the address of the client's random.
        random: Register,
        /// Holds the length of the client's random in bytes.
        random_length: Register,
        /// Holds the secret's address.
        secret: Register,
        /// Holds the secret's length in bytes.
        secret_length: Register,
    },
    /// `HKDF_expand` of aws-lc. Called for much else too: `info` says what is derived (RFC 8446, section 7.1).
    Hkdf {
        /// Holds the address of the secret that is expanded.
        prk: Register,
        /// Holds its length in bytes.
        prk_length: Register,
        /// Holds the address of `info`.
        info: Register,
        /// Where the length of `info` stands, in bytes from the stack pointer.
        info_length_at: u32,
    },
    /// The PRF of TLS 1.2 in aws-lc (RFC 5246, section 5). With the label `key expansion` the secret is the master secret,
    /// and the seeds are the randoms of the server and of the client, one behind the other.
    Prf {
        /// Holds the secret's address.
        secret: Register,
        /// Holds the secret's length in bytes.
        secret_length: Register,
        /// Holds the label's address.
        label: Register,
        /// Where the label's length stands, in bytes from the stack pointer. Behind it, 8 bytes each: address and length of
        /// the first seed, address and length of the second.
        label_length_at: u32,
    },
}

/// Where a session keeps its client's random.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Random {
    /// At `session + offset`, or at `*(session + pointer) + offset`.
    At {
        /// The offset of the pointer in the session, if there is one between.
        pointer: Option<u32>,
        /// The offset of the random.
        offset: u32,
    },
    /// The code does not say.
    Unknown,
}

/// A general register of x86-64. Its number is the processor's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are the processor's")]
pub enum Register {
    Rax = 0,
    Rcx = 1,
    Rdx = 2,
    Rbx = 3,
    Rsp = 4,
    Rbp = 5,
    Rsi = 6,
    Rdi = 7,
    R8 = 8,
    R9 = 9,
    R10 = 10,
    R11 = 11,
    R12 = 12,
    R13 = 13,
    R14 = 14,
    R15 = 15,
}

impl Register {
    /// All, by number.
    pub const ALL: [Register; 16] = [
        Register::Rax,
        Register::Rcx,
        Register::Rdx,
        Register::Rbx,
        Register::Rsp,
        Register::Rbp,
        Register::Rsi,
        Register::Rdi,
        Register::R8,
        Register::R9,
        Register::R10,
        Register::R11,
        Register::R12,
        Register::R13,
        Register::R14,
        Register::R15,
    ];
}
