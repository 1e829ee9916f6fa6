//! Loading the kernel's side, attaching it to files, and asking it who maps what.

use std::ffi::CString;
use std::fs::File;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};

use aya::Btf;
use aya::maps::{Array, Map, MapData};
use aya_obj::Object;
use aya_obj::btf::BtfKind;

use super::bpf::{self, Kind};
use super::mapping::{self, Mapping};
use super::point::{Point, Raw};
use super::{SecretsError, SharedMaps};

/// The program, unless this was built without clang, or for another processor.
#[cfg(has_secrets)]
const PROGRAM: Option<&[u8]> = Some(aya::include_bytes_aligned!(concat!(env!("OUT_DIR"), "/secrets.o")));
#[cfg(not(has_secrets))]
const PROGRAM: Option<&[u8]> = None;

/// Room for what the verifier says.
const LOG: usize = 64 << 10;

/// The loaded programs. For the process that attaches them; the secrets come out where the [`SharedMaps`] are opened.
pub struct Probes {
    take: OwnedFd,
    mappings: OwnedFd,
    points: Array<MapData, Raw>,
}

impl Probes {
    /// Loads the programs. Nothing is taken until a file is attached, and a cgroup monitored.
    ///
    /// # Errors
    /// [`SecretsError`]: this build or this kernel cannot, a capability is missing (`CAP_BPF`, `CAP_PERFMON`), the kernel
    /// refuses a program.
    pub fn load() -> Result<(Probes, SharedMaps), SecretsError> {
        let program = PROGRAM.ok_or(SecretsError::NotBuilt)?;
        let types = Btf::from_sys_fs().map_err(|error| SecretsError::NoTypes(error.to_string()))?;
        let failed = SecretsError::other("reading the programs");
        let mut object = Object::parse(program).map_err(|error| failed(&error))?;
        let maps = Maps::create(&mut object)?;
        let sections = object.functions.keys().map(|(section, _)| *section).collect();
        object.relocate_btf(&types).map_err(|error| failed(&error))?;
        object.relocate_maps(maps.places(), &sections).map_err(|error| failed(&error))?;
        object.relocate_calls(&sections).map_err(|error| failed(&error))?;
        let btf = types
            .id_by_type_name_kind("bpf_iter_task_vma", BtfKind::Func)
            .map_err(|error| SecretsError::NoTypes(error.to_string()))?;
        let take = program_of(&object, "take", Kind::Uprobes)?;
        let iterator = program_of(&object, "mappings", Kind::Iterator { btf })?;
        let mappings = bpf::link_iterator(iterator.as_fd())
            .map_err(|error| SecretsError::of("listing what processes map", error))?;
        let shared = SharedMaps {
            ring: maps.descriptor("secrets")?,
            monitored: maps.descriptor("monitored")?,
            counts: maps.descriptor("secret_counts")?,
            points: maps.descriptor("points")?,
        };
        let points = Array::try_from(Map::Array(maps.take("points")?))
            .map_err(|error| SecretsError::other("opening the points")(&error))?;
        Ok((Probes { take, mappings, points }, shared))
    }

    /// Takes secrets at places of a file, each of which has a number of its own below [`super::MOST_POINTS`], until what is
    /// returned is closed everywhere. The file need be open during the call only.
    ///
    /// # Errors
    /// The kernel cannot: a place is not inside of the file, or `CAP_BPF` or `CAP_PERFMON` is missing.
    pub fn attach(&mut self, file: BorrowedFd<'_>, points: &[(u32, Point)]) -> Result<OwnedFd, SecretsError> {
        for (number, point) in points {
            self.points
                .set(*number, Raw::from(point), 0)
                .map_err(|error| SecretsError::other("telling where secrets are")(&error))?;
        }
        let places: Vec<_> = points.iter().map(|(_, point)| point.offset).collect();
        let cookies: Vec<_> = points.iter().map(|(number, _)| u64::from(*number)).collect();
        // By its descriptor: whatever has the path by now, this file was looked into.
        let path = CString::new(format!("/proc/self/fd/{}", file.as_raw_fd()))
            .map_err(|error| SecretsError::other("naming the file")(&error))?;
        bpf::attach(self.take.as_fd(), &path, &places, &cookies)
            .map_err(|error| SecretsError::of("probing a file", error))
    }

    /// Returns the executable mappings of files in processes of monitored cgroups, as far as this process can see these (those
    /// of its own PID namespace and of those below), and whether that were all.
    ///
    /// # Errors
    /// The kernel cannot list them.
    pub fn mappings(&self) -> Result<(Vec<Mapping>, bool), SecretsError> {
        let failed = |error| SecretsError::of("listing what processes map", error);
        let reader = bpf::iterate(self.mappings.as_fd()).map_err(failed)?;
        mapping::read(File::from(reader)).map_err(failed)
    }
}

/// The maps of the programs, by their names.
struct Maps(Vec<(String, MapData, aya_obj::Map)>);

impl Maps {
    fn create(object: &mut Object) -> Result<Maps, SecretsError> {
        let create = |(name, map): (String, aya_obj::Map)| {
            MapData::create(map.clone(), &name, None).map(|data| (name, data, map))
        };
        let maps = object.maps.drain().map(create).collect::<Result<_, _>>();
        maps.map(Maps).map_err(|error| match error {
            aya::maps::MapError::CreateError { io_error, .. } => {
                SecretsError::of("making a table in the kernel", io_error)
            }
            error => SecretsError::other("making a table in the kernel")(&error),
        })
    }

    fn places(&self) -> impl Iterator<Item = (&str, i32, &aya_obj::Map)> {
        self.0.iter().map(|(name, data, map)| (name.as_str(), data.fd().as_fd().as_raw_fd(), map))
    }

    fn descriptor(&self, name: &'static str) -> Result<OwnedFd, SecretsError> {
        let (_, data, _) = self.0.iter().find(|(known, ..)| known == name).ok_or_else(|| strange(name))?;
        data.fd().as_fd().try_clone_to_owned().map_err(|error| SecretsError::of(name, error))
    }

    fn take(self, name: &'static str) -> Result<MapData, SecretsError> {
        let found = self.0.into_iter().find(|(known, ..)| known == name);
        found.map(|(_, data, _)| data).ok_or_else(|| strange(name))
    }
}

/// The programs are ours: what is missing in them is a defect of this build.
fn strange(name: &'static str) -> SecretsError {
    SecretsError::other(name)(&"not in the program")
}

/// Loads one program. Refused, it is tried again with room for the reasons.
fn program_of(object: &Object, name: &'static str, kind: Kind) -> Result<OwnedFd, SecretsError> {
    let program = object.programs.get(name).ok_or_else(|| strange(name))?;
    let function = object.functions.get(&program.function_key()).ok_or_else(|| strange(name))?;
    let load = |log: &mut [u8]| bpf::load(kind, &function.instructions, &program.license, log);
    let error = match load(&mut []) {
        Ok(program) => return Ok(program),
        Err(error) => error,
    };
    let mut log = vec![0; LOG];
    let again = load(&mut log);
    let said = String::from_utf8_lossy(&log);
    let said: Vec<_> = said.trim_end_matches('\0').lines().rev().take(4).collect();
    match again {
        Ok(program) => Ok(program),
        Err(_) if said.iter().any(|line| !line.is_empty()) => {
            Err(SecretsError::Refused(said.into_iter().rev().collect::<Vec<_>>().join("; ")))
        }
        Err(_) => Err(SecretsError::of("loading programs for processes", error)),
    }
}
