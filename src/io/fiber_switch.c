#include "io/fiber_switch.h"

#include <stdint.h>

#if defined(__x86_64__) && !defined(PAINTBOX_UCONTEXT)

/* Saved, from the stack pointer up: MXCSR and x87 control word, r15 r14 r13 r12 rbx rbp, return address. */
__asm__(".text\n"
        ".p2align 4\n"
        ".globl fiber_stack_switch\n"
        ".type fiber_stack_switch, @function\n"
        "fiber_stack_switch:\n"
        ".cfi_startproc\n"
        "    pushq %rbp\n"
        "    .cfi_adjust_cfa_offset 8\n"
        "    .cfi_rel_offset %rbp, 0\n"
        "    pushq %rbx\n"
        "    pushq %r12\n"
        "    pushq %r13\n"
        "    pushq %r14\n"
        "    pushq %r15\n"
        "    subq $8, %rsp\n"
        "    .cfi_adjust_cfa_offset 48\n"
        "    stmxcsr (%rsp)\n"
        "    fnstcw 4(%rsp)\n"
        "    movq %rsp, (%rdi)\n"
        "    movq %rsi, %rsp\n"
        "    ldmxcsr (%rsp)\n"
        "    fldcw 4(%rsp)\n"
        "    addq $8, %rsp\n"
        "    popq %r15\n"
        "    popq %r14\n"
        "    popq %r13\n"
        "    popq %r12\n"
        "    popq %rbx\n"
        "    popq %rbp\n"
        "    .cfi_def_cfa_offset 8\n"
        "    ret\n"
        ".cfi_endproc\n"
        ".size fiber_stack_switch, . - fiber_stack_switch\n"
        ".p2align 4\n"
        ".type fiber_stack_entry, @function\n"
        "fiber_stack_entry:\n"
        ".cfi_startproc\n"
        "    .cfi_undefined %rip\n" /* a back trace ends here */
        "    xorl %ebp, %ebp\n"
        "    movq %r12, %rdi\n"
        "    call *%r13\n"
        "    ud2\n"
        ".cfi_endproc\n"
        ".size fiber_stack_entry, . - fiber_stack_entry\n");

void fiber_stack_entry(void);

void *fiber_stack_prepare(void *stack, size_t size, void (*entry)(void *arg), void *arg)
{
    uint64_t *top = (uint64_t *)(((uintptr_t)stack + size) & ~(uintptr_t)15);
    uint64_t *sp = top - 10; /* so that the entry finds the stack aligned to 16 */
    uint32_t mxcsr;
    uint16_t x87;
    __asm__("stmxcsr %0\n fnstcw %1" : "=m"(mxcsr), "=m"(x87));
    sp[0] = mxcsr | (uint64_t)x87 << 32;
    sp[1] = sp[2] = 0;
    sp[3] = (uintptr_t)entry; /* r13 */
    sp[4] = (uintptr_t)arg;   /* r12 */
    sp[5] = sp[6] = 0;
    sp[7] = (uintptr_t)fiber_stack_entry;
    sp[8] = sp[9] = 0;
    return sp;
}

#elif defined(__aarch64__) && !defined(PAINTBOX_UCONTEXT)

/* Saved, from the stack pointer up: x19 … x30, d8 … d15. */
__asm__(".text\n"
        ".p2align 4\n"
        ".globl fiber_stack_switch\n"
        ".type fiber_stack_switch, %function\n"
        "fiber_stack_switch:\n"
        "    hint #34\n" /* bti c */
        "    sub sp, sp, #160\n"
        "    stp x19, x20, [sp, #0]\n"
        "    stp x21, x22, [sp, #16]\n"
        "    stp x23, x24, [sp, #32]\n"
        "    stp x25, x26, [sp, #48]\n"
        "    stp x27, x28, [sp, #64]\n"
        "    stp x29, x30, [sp, #80]\n"
        "    stp d8, d9, [sp, #96]\n"
        "    stp d10, d11, [sp, #112]\n"
        "    stp d12, d13, [sp, #128]\n"
        "    stp d14, d15, [sp, #144]\n"
        "    mov x9, sp\n"
        "    str x9, [x0]\n"
        "    mov sp, x1\n"
        "    ldp x19, x20, [sp, #0]\n"
        "    ldp x21, x22, [sp, #16]\n"
        "    ldp x23, x24, [sp, #32]\n"
        "    ldp x25, x26, [sp, #48]\n"
        "    ldp x27, x28, [sp, #64]\n"
        "    ldp x29, x30, [sp, #80]\n"
        "    ldp d8, d9, [sp, #96]\n"
        "    ldp d10, d11, [sp, #112]\n"
        "    ldp d12, d13, [sp, #128]\n"
        "    ldp d14, d15, [sp, #144]\n"
        "    add sp, sp, #160\n"
        "    ret\n"
        ".size fiber_stack_switch, . - fiber_stack_switch\n"
        ".p2align 4\n"
        ".type fiber_stack_entry, %function\n"
        "fiber_stack_entry:\n"
        ".cfi_startproc\n"
        "    .cfi_undefined x30\n"
        "    hint #36\n" /* bti j */
        "    mov x0, x19\n"
        "    blr x20\n"
        "    brk #1\n"
        ".cfi_endproc\n"
        ".size fiber_stack_entry, . - fiber_stack_entry\n");

void fiber_stack_entry(void);

void *fiber_stack_prepare(void *stack, size_t size, void (*entry)(void *arg), void *arg)
{
    uint64_t *top = (uint64_t *)(((uintptr_t)stack + size) & ~(uintptr_t)15);
    uint64_t *sp = top - 20;
    for (int i = 0; i < 20; i++)
        sp[i] = 0;
    sp[0] = (uintptr_t)arg;                /* x19 */
    sp[1] = (uintptr_t)entry;              /* x20 */
    sp[11] = (uintptr_t)fiber_stack_entry; /* x30 */
    return sp;
}

#else

#include <ucontext.h>

static void ucontext_entry(unsigned e1, unsigned e2, unsigned a1, unsigned a2)
{
    void (*entry)(void *) = (void (*)(void *))((uintptr_t)e1 | (uintptr_t)((uint64_t)e2 << 32));
    entry((void *)((uintptr_t)a1 | (uintptr_t)((uint64_t)a2 << 32)));
}

void *fiber_stack_prepare(void *stack, size_t size, void (*entry)(void *arg), void *arg)
{
    size_t at = (size - sizeof(ucontext_t)) & ~(size_t)63;
    ucontext_t *u = (ucontext_t *)((char *)stack + at);
    getcontext(u);
    u->uc_stack.ss_sp = stack;
    u->uc_stack.ss_size = at;
    u->uc_link = NULL;
    uint64_t e = (uintptr_t)entry, a = (uintptr_t)arg;
    makecontext(u, (void (*)(void))ucontext_entry, 4, (unsigned)e, (unsigned)(e >> 32), (unsigned)a,
                (unsigned)(a >> 32));
    return u;
}

void fiber_stack_switch(void **save, void *to)
{
    ucontext_t here; /* lives on the stack that is left */
    *save = &here;
    swapcontext(&here, to);
}

#endif
