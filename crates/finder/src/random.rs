//! Where a session keeps its client's random, read from code that takes its address.

use iced_x86::{Decoder, DecoderOptions, Instruction, Mnemonic, OpKind, Register as Iced};

use crate::elf::Image;
use crate::place::{Random, Register};
use crate::walk::Held;

/// The length of a random.
const LENGTH: u64 = 32;

/// What is before a random in any session or struct of it, at least, in bytes.
const LEAST: u64 = 16;

/// The largest offset in a session that is believed.
const MOST: u64 = 0x8000;

/// What a register holds.
#[derive(Clone, PartialEq)]
enum Holds {
    /// The session's address.
    Session,
    /// What stands at this offset in the session.
    Field(u32),
}

/// Which code is read.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Code {
    /// A function that logs secrets: the random's address is taken beside the number 32.
    Logs,
    /// A function that only copies the random out.
    Copies,
}

/// Returns where the session, the first argument of a function, keeps its client's random.
pub(crate) fn read(image: &Image<'_>, function: u64, which: Code) -> Option<Random> {
    let (bytes, instructions) = match which {
        Code::Logs => (512, 120),
        Code::Copies => (120, 40),
    };
    let mut decoder = Decoder::with_ip(64, image.code(function, bytes), function, DecoderOptions::NONE);
    let mut held = Held::default();
    held.set(Register::Rdi, Some(Holds::Session));
    let (mut taken, mut length): (Option<(usize, Random)>, Option<usize>) = (None, None);
    let mut instruction = Instruction::default();
    for number in 0..instructions {
        if !decoder.can_decode() {
            break;
        }
        decoder.decode_out(&mut instruction);
        if instruction.is_invalid() {
            break;
        }
        if let Some(random) = takes(&instruction, &held) {
            if which == Code::Copies {
                return Some(random);
            }
            taken = Some((number, random));
        }
        if is_length(&instruction) {
            length = Some(number);
        }
        follow(&instruction, &mut held);
        if let (Some((taken, random)), Some(length)) = (taken, length)
            && taken.abs_diff(length) <= 2
        {
            return Some(random);
        }
    }
    None
}

/// Returns the random whose address an instruction takes: `lea register, [session + offset]`, or `add register, offset`.
fn takes(instruction: &Instruction, held: &Held<Holds>) -> Option<Random> {
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
    let holds = held.get(base)?;
    let offset = u32::try_from(offset).ok().filter(|offset| (LEAST..MOST).contains(&u64::from(*offset)))?;
    Some(match holds {
        Holds::Session => Random::At { pointer: None, offset },
        Holds::Field(pointer) => Random::At { pointer: Some(pointer), offset },
    })
}

/// Returns whether an instruction loads or stores the length of a random.
fn is_length(instruction: &Instruction) -> bool {
    instruction.mnemonic() == Mnemonic::Mov
        && instruction.op0_kind() == OpKind::Register
        && matches!(instruction.op1_kind(), OpKind::Immediate32 | OpKind::Immediate32to64)
        && instruction.immediate(1) == LENGTH
}

fn follow(instruction: &Instruction, held: &mut Held<Holds>) {
    if instruction.mnemonic() == Mnemonic::Call {
        // What a function may overwrite (System V ABI for AMD64, section 3.2.1).
        for register in [0, 1, 2, 6, 7, 8, 9, 10, 11] {
            if let Some(register) = Register::ALL.get(register) {
                held.set(*register, None);
            }
        }
        return;
    }
    let field = field(instruction, held);
    held.follow(instruction);
    if field.is_some() {
        held.put(instruction.op0_register(), field);
    }
}

/// Returns what a `mov` loads out of the session.
fn field(instruction: &Instruction, held: &Held<Holds>) -> Option<Holds> {
    let loads = instruction.mnemonic() == Mnemonic::Mov
        && instruction.op0_register().is_gpr64()
        && instruction.op1_kind() == OpKind::Memory
        && instruction.memory_index() == Iced::None
        && held.get(instruction.memory_base()) == Some(Holds::Session);
    let field = u32::try_from(instruction.memory_displacement64()).ok();
    field.filter(|field| loads && u64::from(*field) < MOST).map(Holds::Field)
}
