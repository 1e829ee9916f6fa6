//! Picks the place in a function.
//!
//! The kernel emulates few instructions and has the processor execute a copy of all others, which costs ten times as much
//! under a hypervisor. So the place is the first instruction that every kernel since 5.15 emulates, on the straight code from
//! the function's start, if all arguments are still in registers there; else the start.

use iced_x86::{Code, Decoder, DecoderOptions, Instruction, Mnemonic, OpKind, Register as Iced};

use crate::elf::Image;
use crate::place::{Register, Step};

/// How much of a function is looked at, in bytes: none keeps its arguments longer.
const MOST: usize = 128;

/// A place in a function, and where the arguments are there.
pub(crate) struct Place {
    pub(crate) address: u64,
    pub(crate) step: Step,
    /// The registers of the arguments, in the order in which they were asked for.
    pub(crate) arguments: Vec<Register>,
    /// How far the stack pointer is below where it was at the start, in bytes.
    pub(crate) below: u32,
}

/// Returns the place in a function for a probe that needs these arguments, which are in these registers at the function's
/// start. The last `lengths` of them are lengths below 2^32, of which half a register is enough. None where there is no code.
pub(crate) fn place(
    image: &Image<'_>,
    function: u64,
    arguments: &[Register],
    lengths: usize,
) -> Option<Place> {
    let code = image.code(function, MOST);
    let mut decoder = Decoder::with_ip(64, code, function, DecoderOptions::NONE);
    let mut held = Held::default();
    for (number, argument) in arguments.iter().enumerate() {
        held.set(*argument, Some(number));
    }
    let pointers = arguments.len().saturating_sub(lengths);
    let mut below: u32 = 0;
    let mut instruction = Instruction::default();
    let mut first = true;
    while decoder.can_decode() {
        decoder.decode_out(&mut instruction);
        if instruction.is_invalid() {
            break;
        }
        let all = || (0..arguments.len()).map(|number| held.of(&number)).collect::<Option<Vec<_>>>();
        if is_emulated(&instruction)
            && let Some(arguments) = all()
        {
            return Some(Place { address: instruction.ip(), step: Step::Emulated, arguments, below });
        }
        first = false;
        if !follow(&instruction, &mut held, &mut below, pointers) {
            break;
        }
    }
    let start =
        || Place { address: function, step: Step::SingleStepped, arguments: arguments.to_vec(), below: 0 };
    (!first || !instruction.is_invalid() && !code.is_empty()).then(start)
}

/// Returns whether the kernel emulates an instruction: `push` of a register, `nop` of one byte, and relative jumps and calls
/// (`push_setup_xol_ops` and `branch_setup_xol_ops` of Linux 5.15).
pub(crate) fn is_emulated(instruction: &Instruction) -> bool {
    match instruction.code() {
        // With a prefix for the higher registers only.
        Code::Push_r64 => instruction.len() == if instruction.op0_register() < Iced::R8 { 1 } else { 2 },
        Code::Nopd => instruction.len() == 1,
        Code::Jmp_rel8_64 => instruction.len() == 2,
        Code::Jmp_rel32_64 | Code::Call_rel32_64 => instruction.len() == 5,
        _ => instruction.is_jcc_short_or_near() && matches!(instruction.len(), 2 | 6),
    }
}

/// Takes note of what an instruction does to the registers. Returns whether the code goes straight on behind one that is
/// understood.
fn follow(instruction: &Instruction, held: &mut Held<usize>, below: &mut u32, pointers: usize) -> bool {
    let to = (instruction.op0_kind() == OpKind::Register).then(|| instruction.op0_register());
    match instruction.mnemonic() {
        Mnemonic::Push if matches!(instruction.code(), Code::Push_r64) => *below = below.saturating_add(8),
        Mnemonic::Nop | Mnemonic::Endbr64 | Mnemonic::Test | Mnemonic::Cmp => {}
        Mnemonic::Sub if to == Some(Iced::RSP) => match u32::try_from(instruction.immediate(1)) {
            Ok(more) if is_immediate(instruction) => *below = below.saturating_add(more),
            _ => return false,
        },
        _ if to.is_some_and(|to| to.full_register() == Iced::RSP) => return false,
        Mnemonic::Mov => {
            if let Some(to) = to {
                let half = held.half(instruction).filter(|argument| *argument >= pointers);
                held.move_to(to, instruction);
                if half.is_some() {
                    held.put(to, half);
                }
            }
        }
        Mnemonic::Sub
        | Mnemonic::Add
        | Mnemonic::Xor
        | Mnemonic::And
        | Mnemonic::Or
        | Mnemonic::Lea
        | Mnemonic::Movzx
        | Mnemonic::Movsxd
        | Mnemonic::Movups
        | Mnemonic::Movaps
        | Mnemonic::Movdqa
        | Mnemonic::Movdqu
        | Mnemonic::Movq
        | Mnemonic::Xorps
        | Mnemonic::Pxor => {
            if let Some(to) = to {
                held.overwrite(to);
            }
        }
        _ => return false,
    }
    true
}

fn is_immediate(instruction: &Instruction) -> bool {
    matches!(instruction.op1_kind(), OpKind::Immediate8to64 | OpKind::Immediate32to64)
}

/// What the general registers hold, as far as it is known.
#[derive(Clone, PartialEq)]
pub(crate) struct Held<T>([Option<T>; 16]);

impl<T> Default for Held<T> {
    fn default() -> Held<T> {
        Held(std::array::from_fn(|_| None))
    }
}

impl<T: Clone + PartialEq> Held<T> {
    pub(crate) fn set(&mut self, register: Register, what: Option<T>) {
        if let Some(place) = self.0.get_mut(register as usize) {
            *place = what;
        }
    }

    /// Returns the first register that holds something.
    pub(crate) fn of(&self, what: &T) -> Option<Register> {
        let number = self.0.iter().position(|held| held.as_ref() == Some(what))?;
        Register::ALL.get(number).copied()
    }

    /// Returns what a register holds, all 64 bits of it.
    pub(crate) fn get(&self, register: Iced) -> Option<T> {
        if register.is_gpr64() { self.0.get(register.number())?.clone() } else { None }
    }

    /// Returns what stands in the register of which an instruction copies the lower half, clearing the upper one.
    fn half(&self, instruction: &Instruction) -> Option<T> {
        let from = instruction.op1_register();
        let is_half = instruction.op1_kind() == OpKind::Register && from.is_gpr32();
        self.get(from.full_register()).filter(|_| is_half)
    }

    /// Forgets what a register held, or the one that it is a part of.
    pub(crate) fn overwrite(&mut self, register: Iced) {
        self.put(register, None);
    }

    pub(crate) fn put(&mut self, register: Iced, what: Option<T>) {
        if register.is_gpr()
            && let Some(place) = self.0.get_mut(register.full_register().number())
        {
            *place = what;
        }
    }

    /// Takes note of a `mov` to a register.
    pub(crate) fn move_to(&mut self, to: Iced, instruction: &Instruction) {
        let from = (instruction.op1_kind() == OpKind::Register && to.is_gpr64())
            .then(|| self.get(instruction.op1_register()));
        self.put(to, from.flatten());
    }

    /// Takes note of what an instruction that calls nothing does to the register that it writes.
    pub(crate) fn follow(&mut self, instruction: &Instruction) {
        match instruction.mnemonic() {
            Mnemonic::Cmp | Mnemonic::Test | Mnemonic::Push => {}
            _ if instruction.op_count() == 0 || instruction.op0_kind() != OpKind::Register => {}
            Mnemonic::Mov => self.move_to(instruction.op0_register(), instruction),
            _ => self.overwrite(instruction.op0_register()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FUNCTION: u64 = 0x1000;

    /// Returns a file with this code as its only segment, mapped at `FUNCTION`.
    fn file(code: &[u8]) -> Vec<u8> {
        let mut file = b"\x7fELF\x02\x01\x01".to_vec();
        file.resize(16, 0);
        file.extend([3, 0, 62, 0, 1, 0, 0, 0]); // ET_DYN, x86-64
        file.extend([0, 64, 0].map(u64::to_le_bytes).concat());
        file.extend([0, 0, 0, 0, 64, 0, 56, 0, 1, 0, 64, 0, 0, 0, 0, 0]);
        file.extend([1, 0, 0, 0, 5, 0, 0, 0]); // PT_LOAD, to be read and executed
        let len = code.len() as u64;
        file.extend([120, FUNCTION, FUNCTION, len, len, 1].map(u64::to_le_bytes).concat());
        file.extend(code);
        file
    }

    /// Returns how far from the start of a function the place is, with its step, its arguments, and how far the stack is.
    fn placed(code: &[u8], lengths: usize) -> Option<(u64, Step, Vec<Register>, u32)> {
        let file = file(code);
        let image = Image::read(&file).unwrap();
        let found = place(&image, FUNCTION, &[Register::Rdi, Register::Rcx], lengths)?;
        assert_eq!(image.offset(found.address), Some(120 + found.address - FUNCTION));
        Some((found.address - FUNCTION, found.step, found.arguments, found.below))
    }

    const ENDBR64: [u8; 4] = [0xf3, 0x0f, 0x1e, 0xfa];

    fn start() -> Option<(u64, Step, Vec<Register>, u32)> {
        Some((0, Step::SingleStepped, vec![Register::Rdi, Register::Rcx], 0))
    }

    #[test]
    fn the_first_emulated_instruction_with_all_arguments_is_taken() {
        // mov rax, rdi; xor edi, edi; jmp
        let code = [&ENDBR64[..], &[0x48, 0x89, 0xf8, 0x31, 0xff, 0xeb, 0]].concat();
        assert_eq!(placed(&code, 1), Some((9, Step::Emulated, vec![Register::Rax, Register::Rcx], 0)));
        // sub rsp, 24; push rbp
        let below = Some((4, Step::Emulated, vec![Register::Rdi, Register::Rcx], 24));
        assert_eq!(placed(&[0x48, 0x83, 0xec, 0x18, 0x55], 1), below);
        // push rax with a prefix that the kernel does not know; push rbp
        let behind = Some((2, Step::Emulated, vec![Register::Rdi, Register::Rcx], 8));
        assert_eq!(placed(&[0x48, 0x50, 0x55], 1), behind);
    }

    #[test]
    fn the_start_is_taken_where_an_argument_is_lost() {
        // mov rdi, [rdi]; push rbp
        assert_eq!(placed(&[&ENDBR64[..], &[0x48, 0x8b, 0x3f, 0x55]].concat(), 1), start());
        // mov rsp, rax; push rbp: where the stack is, nobody knows
        assert_eq!(placed(&[&ENDBR64[..], &[0x48, 0x89, 0xc4, 0x55]].concat(), 1), start());
        // mov dil, al; push rbp
        assert_eq!(placed(&[&ENDBR64[..], &[0x40, 0x88, 0xc7, 0x55]].concat(), 1), start());
    }

    #[test]
    fn half_a_register_is_enough_for_a_length_only() {
        // mov ebp, ecx; xor ecx, ecx; jmp
        let code = [0x89, 0xcd, 0x31, 0xc9, 0xeb, 0];
        assert_eq!(placed(&code, 1), Some((4, Step::Emulated, vec![Register::Rdi, Register::Rbp], 0)));
        assert_eq!(placed(&code, 0), start());
    }

    #[test]
    fn what_is_no_instruction_is_no_place() {
        assert_eq!(placed(&[0x06], 1), None);
        assert_eq!(placed(&[], 1), None);
    }
}
