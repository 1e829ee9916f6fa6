//! Where a session keeps its client's random, read from code that takes its address.
//!
//! The paths of a function are followed, forks of them both ways, with what the registers hold of the session.

use iced_x86::{Decoder, DecoderOptions, FlowControl, Instruction, Mnemonic, OpKind, Register as Iced};

use crate::elf::Image;
use crate::place::{Random, Register};
use crate::walk::Held;

/// The length of a random.
const LENGTH: u32 = 32;

/// What is before a random in any session or struct of it, at least, in bytes.
const LEAST: u32 = 16;

/// The largest offset in a session that is believed.
const MOST: u32 = 0x8000;

/// The most instructions that are followed on all paths, which is some 0.1 ms.
const MAX_INSTRUCTIONS: usize = 2000;

/// How many instructions are between those that belong together, at most.
const NEAR: u32 = 3;

/// The most values on the stack that are followed.
const MAX_SLOTS: usize = 8;

/// The most paths that wait to be followed.
const MAX_PATHS: usize = 64;

/// What a function may overwrite (System V ABI for AMD64, section 3.2.1).
const OVERWRITTEN: [Register; 9] = [
    Register::Rax,
    Register::Rcx,
    Register::Rdx,
    Register::Rsi,
    Register::Rdi,
    Register::R8,
    Register::R9,
    Register::R10,
    Register::R11,
];

/// Which code is read.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Code {
    /// A function that logs secrets: the random's address is taken beside the number 32, or beside the address of its end.
    Logs,
    /// A function that only copies the random out: the first address in the session is the random's.
    Copies,
    /// A function that stores the random's address where the second argument points.
    Points,
}

/// What a register holds.
#[derive(Clone, Copy, PartialEq)]
enum Holds {
    /// The session's address.
    Session,
    /// What stands at this offset in the session.
    Field(u32),
    /// An address in it, which may be a random's.
    Address(Random),
    /// The second argument.
    Out,
}

/// A path through a function.
#[derive(Clone)]
struct Path {
    at: u64,
    held: Held<Holds>,
    /// What stands on the stack, by its distance from the stack pointer.
    stack: Vec<(u64, Holds)>,
    /// How many instructions ago the number 32 was loaded.
    length: Option<u32>,
    /// The address that was taken last, and how many instructions ago.
    taken: Option<(Random, u32)>,
}

/// Returns where the session, the first argument of a function, keeps its client's random.
pub(crate) fn read(image: &Image<'_>, function: u64, which: Code) -> Option<Random> {
    let mut held = Held::default();
    held.set(Register::Rdi, Some(Holds::Session));
    held.set(Register::Rsi, Some(Holds::Out));
    let mut paths = vec![Path { at: function, held, stack: Vec::new(), length: None, taken: None }];
    let mut forks: Vec<(u64, Held<Holds>)> = Vec::new();
    let mut found: Vec<Random> = Vec::new();
    let mut left = MAX_INSTRUCTIONS;
    while let Some(mut path) = paths.pop() {
        while left > 0 {
            left -= 1;
            let mut decoder = Decoder::with_ip(64, image.code(path.at, 15), path.at, DecoderOptions::NONE);
            let instruction = decoder.decode();
            if instruction.is_invalid() {
                break;
            }
            if let Some(random) = path.step(&instruction, which) {
                found.push(random);
                break;
            }
            let target =
                (instruction.op0_kind() == OpKind::NearBranch64).then(|| instruction.near_branch64());
            match (instruction.flow_control(), target) {
                (FlowControl::Next | FlowControl::Call | FlowControl::IndirectCall, _) => {}
                (FlowControl::UnconditionalBranch, Some(target)) => path.at = target,
                (FlowControl::ConditionalBranch, Some(target)) => {
                    let fork = (target, path.held.clone());
                    if paths.len() < MAX_PATHS && !forks.contains(&fork) {
                        forks.push(fork);
                        paths.push(Path { at: target, ..path.clone() });
                    }
                }
                _ => break,
            }
        }
    }
    choose(&found)
}

/// Returns what all paths lead to. A session may be in another one, with QUIC for example: then the one without a pointer counts.
fn choose(found: &[Random]) -> Option<Random> {
    let direct = |random: &&Random| matches!(random, Random::At { pointer: None, .. });
    let first = *found.iter().find(direct).or(found.first())?;
    let same = |random: &Random| *random == first || !direct(&random) && direct(&&first);
    found.iter().all(same).then_some(first)
}

impl Path {
    /// Takes note of an instruction. Returns the random whose address is now known.
    fn step(&mut self, instruction: &Instruction, which: Code) -> Option<Random> {
        self.at = instruction.next_ip();
        let taken = self.takes(instruction);
        match which {
            Code::Copies if taken.is_some() => return taken,
            Code::Points => {
                if let Some(random) = self.hands_out(instruction) {
                    return Some(random);
                }
            }
            Code::Copies | Code::Logs => {}
        }
        self.length = self.length.map(|ago| ago.saturating_add(1));
        let before = self.taken.map(|(random, ago)| (random, ago.saturating_add(1)));
        self.taken = taken.map(|random| (random, 0)).or(before);
        if is_length(instruction) {
            self.length = Some(0);
        }
        self.follow(instruction, taken);
        if which != Code::Logs {
            return None;
        }
        match (before, taken, self.taken, self.length) {
            (Some((begin, 0..=NEAR)), Some(end), ..) if is_end(begin, end) => Some(begin),
            (_, _, Some((random, taken)), Some(length)) if taken.abs_diff(length) <= NEAR => Some(random),
            _ => None,
        }
    }

    /// Returns the random whose address an instruction takes: `lea register, [session + n]`, or `add register, n`.
    fn takes(&self, instruction: &Instruction) -> Option<Random> {
        let (base, offset) = match instruction.mnemonic() {
            Mnemonic::Lea if instruction.memory_index() == Iced::None => {
                (instruction.memory_base(), instruction.memory_displacement64())
            }
            Mnemonic::Add
                if matches!(instruction.op1_kind(), OpKind::Immediate8to64 | OpKind::Immediate32to64) =>
            {
                (instruction.op0_register(), instruction.immediate(1))
            }
            _ => return None,
        };
        let offset = u32::try_from(offset).ok().filter(|offset| (LEAST..MOST).contains(offset))?;
        match self.held.get(base)? {
            Holds::Session => Some(Random::At { pointer: None, offset }),
            Holds::Field(pointer) => Some(Random::At { pointer: Some(pointer), offset }),
            Holds::Address(_) | Holds::Out => None,
        }
    }

    /// Returns the random whose address an instruction stores where the second argument points.
    fn hands_out(&self, instruction: &Instruction) -> Option<Random> {
        let stores = instruction.mnemonic() == Mnemonic::Mov
            && instruction.op0_kind() == OpKind::Memory
            && instruction.op1_kind() == OpKind::Register
            && instruction.memory_index() == Iced::None
            && instruction.memory_displacement64() == 0
            && self.held.get(instruction.memory_base()) == Some(Holds::Out);
        match self.held.get(instruction.op1_register()).filter(|_| stores)? {
            Holds::Address(random) => Some(random),
            Holds::Session | Holds::Field(_) | Holds::Out => None,
        }
    }

    fn follow(&mut self, instruction: &Instruction, taken: Option<Random>) {
        if matches!(instruction.flow_control(), FlowControl::Call | FlowControl::IndirectCall) {
            OVERWRITTEN.into_iter().for_each(|register| self.held.set(register, None));
            return;
        }
        let loaded = taken.map(Holds::Address).or_else(|| self.loads(instruction));
        self.stores(instruction);
        self.held.follow(instruction);
        if loaded.is_some() {
            self.held.put(instruction.op0_register(), loaded);
        }
    }

    /// Returns what a `mov` loads out of the session or from the stack.
    fn loads(&self, instruction: &Instruction) -> Option<Holds> {
        let loads = instruction.mnemonic() == Mnemonic::Mov
            && instruction.op0_kind() == OpKind::Register
            && instruction.op0_register().is_gpr64()
            && instruction.op1_kind() == OpKind::Memory
            && instruction.memory_index() == Iced::None;
        let (base, offset) = (instruction.memory_base(), instruction.memory_displacement64());
        if !loads {
            None
        } else if base == Iced::RSP {
            self.stack.iter().find(|slot| slot.0 == offset).map(|slot| slot.1)
        } else {
            let in_session = self.held.get(base) == Some(Holds::Session);
            let field = u32::try_from(offset).ok().filter(|field| in_session && *field < MOST);
            field.map(Holds::Field)
        }
    }

    /// Takes note of what an instruction stores on the stack. Where the stack pointer moves, all that stands there is forgotten.
    fn stores(&mut self, instruction: &Instruction) {
        let moves = matches!(instruction.mnemonic(), Mnemonic::Push | Mnemonic::Pop)
            || instruction.op0_kind() == OpKind::Register && instruction.op0_register() == Iced::RSP;
        if moves {
            self.stack.clear();
        }
        if instruction.op0_kind() == OpKind::Memory && instruction.memory_base() == Iced::RSP {
            let offset = instruction.memory_displacement64();
            self.stack.retain(|slot| slot.0 != offset);
            let stores =
                instruction.mnemonic() == Mnemonic::Mov && instruction.op1_kind() == OpKind::Register;
            let held = self.held.get(instruction.op1_register()).filter(|_| stores);
            if self.stack.len() < MAX_SLOTS {
                self.stack.extend(held.map(|held| (offset, held)));
            }
        }
    }
}

/// Returns whether one address is a random's, and the other the one of its end.
fn is_end(begin: Random, end: Random) -> bool {
    match (begin, end) {
        (Random::At { pointer, offset }, Random::At { pointer: other, offset: end }) => {
            pointer == other && offset.checked_add(LENGTH) == Some(end)
        }
        _ => false,
    }
}

/// Returns whether an instruction loads the length of a random.
fn is_length(instruction: &Instruction) -> bool {
    instruction.mnemonic() == Mnemonic::Mov
        && instruction.op0_kind() == OpKind::Register
        && matches!(instruction.op1_kind(), OpKind::Immediate32 | OpKind::Immediate32to64)
        && instruction.immediate(1) == u64::from(LENGTH)
}
