// A Go program's table of functions (runtime/symtab.go of Go 1.20), with one function. TABLE is its section, NAME the function.

    .text
    .globl text
text:
    nop
    .p2align 5
    .globl writes
    .type writes, @function
writes:
#ifndef NO_CHECK            // whether the stack is large enough
    cmpq 0x10(%r14), %rsp
    jbe 1f
#endif
    pushq %rbp
    movq %rsp, %rbp
    popq %rbp
    ret
1:  jmp writes

    .section TABLE, "a"
    .p2align 5
table:
    .long MAGIC
    .byte 0, 0, 1, 8
    .quad 1                 // functions
    .quad 1                 // files
    .quad START
    .quad names - table
    .quad 0, 0, 0
    .quad entries - table
names:
    .asciz NAME
    .p2align 3
entries:
    .long writes - text, function - entries
    .long 0
function:
    .long writes - text, 0
end:
