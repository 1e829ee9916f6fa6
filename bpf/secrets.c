/* The secrets of TLS connections, from where a library hands them to its key log, whether it keeps one or not, or from where it
 * expands them (uprobe_multi); and which processes map which files (an iterator over mappings). Both look only at processes in
 * monitored cgroups. Memory of processes is read, and never written.
 *
 * This file alone may be used under the MIT licence or the GPL, version 2: the kernel has the helpers that it calls for such
 * programs only. */
#include "kernel.h"
#include "secrets.h"
#include <linux/ptrace.h>

HELPER(long, bpf_probe_read_user, (void *to, __u32 size, const void *from), BPF_FUNC_probe_read_user);
HELPER(long, bpf_probe_read_user_str, (void *to, __u32 size, const void *from), BPF_FUNC_probe_read_user_str);
HELPER(long, bpf_probe_read_kernel, (void *to, __u32 size, const void *from), BPF_FUNC_probe_read_kernel);
HELPER(__u64, bpf_get_attach_cookie, (void *ctx), BPF_FUNC_get_attach_cookie);
HELPER(__u64, bpf_get_current_ancestor_cgroup_id, (int level), BPF_FUNC_get_current_ancestor_cgroup_id);

/* More levels than a tree of cgroups has below which a container runs. */
#define MOST_LEVELS 32
/* More than a node can have pods. */
#define MOST_CGROUPS 4096
#define VM_EXEC 4

/* The secrets. User space looks when it misses one. A handshake has two to five: this is room for a thousand handshakes
 * that begin before it looks. */
struct map SECTION("maps") secrets = {
	.type = BPF_MAP_TYPE_RINGBUF,
	.max_entries = 1024 * 1024,
};

/* The numbers of monitored cgroups by their inodes. */
struct map SECTION("maps") monitored = {
	.type = BPF_MAP_TYPE_HASH,
	.key_size = sizeof(__u64),
	.value_size = sizeof(__u32),
	.max_entries = MOST_CGROUPS,
	.flags = BPF_F_NO_PREALLOC,
};

struct map SECTION("maps") points = {
	.type = BPF_MAP_TYPE_ARRAY,
	.key_size = sizeof(__u32),
	.value_size = sizeof(struct point),
	.max_entries = MOST_POINTS,
};

struct map SECTION("maps") secret_counts = {
	.type = BPF_MAP_TYPE_PERCPU_ARRAY,
	.key_size = sizeof(__u32),
	.value_size = sizeof(__u64),
	.max_entries = SECRET_COUNTS,
};

/* Where a mapping is put together: it is too long for the stack. One process reads the iterator, once at a time. */
struct map SECTION("maps") scratch = {
	.type = BPF_MAP_TYPE_ARRAY,
	.key_size = sizeof(__u32),
	.value_size = sizeof(struct mapping),
	.max_entries = 1,
};

_Static_assert(sizeof(struct secret) == SECRET_BYTES, "a secret has no padding");
_Static_assert(sizeof(struct point) == POINT_BYTES, "a point has no padding");
_Static_assert(__builtin_offsetof(struct mapping, path) == MAPPING_BYTES, "a mapping has no padding");

INLINE int out(__u32 way)
{
	__u64 *count = bpf_map_lookup_elem(&secret_counts, &way);
	if (count)
		__sync_fetch_and_add(count, 1);
	return 0;
}

/* The number of the cgroup of the process that runs, or of the nearest one above; 0 if none is monitored. */
INLINE __u32 target_of_current(void)
{
	__u32 found = 0;
	for (int level = 0; level < MOST_LEVELS; level++) {
		__u64 id = bpf_get_current_ancestor_cgroup_id(level);
		if (!id)
			break;
		__u32 *target = bpf_map_lookup_elem(&monitored, &id);
		if (target)
			found = *target;
	}
	return found;
}

/* What a register holds, by the processor's number for it. Each is read by itself, for the verifier lets nobody read the
 * registers at an offset that it does not know. */
#define REGISTER(number, name) \
	case number: { \
		__u64 value = ctx->name; \
		asm volatile("" : "+r"(value)); \
		return value; \
	}

INLINE __u64 held(struct pt_regs *ctx, __u8 number)
{
	switch (number) {
		REGISTER(0, rax)
		REGISTER(1, rcx)
		REGISTER(2, rdx)
		REGISTER(3, rbx)
		REGISTER(4, rsp)
		REGISTER(5, rbp)
		REGISTER(6, rsi)
		REGISTER(7, rdi)
		REGISTER(8, r8)
		REGISTER(9, r9)
		REGISTER(10, r10)
		REGISTER(11, r11)
		REGISTER(12, r12)
		REGISTER(13, r13)
		REGISTER(14, r14)
		REGISTER(15, r15)
	}
	return 0;
}

INLINE long read_label(struct pt_regs *ctx, const struct point *point, __u8 *label)
{
	const void *from = (const void *)held(ctx, point->label);
	__builtin_memset(label, 0, sizeof(((struct secret *)0)->label));
	if (point->label_len == NO_REGISTER) {
		long len = bpf_probe_read_user_str(label, 32, from);
		return len < 0 ? len : 0;
	}
	__u64 len = held(ctx, point->label_len);
	/* In a form that the verifier follows. */
	return bpf_probe_read_user(label, len < 32 ? len & 31 : 32, from);
}

INLINE long read_random(struct pt_regs *ctx, const struct point *point, __u8 *random)
{
	const char *session = (const char *)held(ctx, point->session);
	if (point->through) {
		const char *next = 0;
		if (bpf_probe_read_user(&next, sizeof(next), session + (point->through - 1)))
			return -1;
		session = next;
	}
	return bpf_probe_read_user(random, 32, session + point->offset);
}

/* How what is expanded says to what (HKDF-Expand-Label, RFC 8446, section 7.1): a length in two bytes, a label and a context with a
 * length of one byte each. Labels stand where they can be compared by words, which takes the verifier less than by bytes. */
struct expansion {
	__u8 unused[5];
	__u8 wanted[2];
	__u8 label_len;
	__u64 label[3];
};

#define LABEL_AT 3
#define LONGEST_LABEL 18

INLINE __u64 word(const char *text)
{
	__u64 word;
	__builtin_memcpy(&word, text, sizeof(word));
	return word;
}

/* Of both sides' secrets one is enough: what they are expanded from is the same. What is behind the label is cleared. */
INLINE int is_taken(struct expansion *expansion)
{
	__u64 *label = expansion->label;
	if (expansion->label_len == 17) {
		label[2] &= 0xff;
		return label[0] == word("tls13 c ") && label[1] == word("e traffi") && label[2] == 'c';
	}
	label[2] &= 0xffff;
	return expansion->label_len == 18 && label[0] == word("tls13 s ") && label[2] == ('i' | 'c' << 8) &&
	       (label[1] == word("hs traff") || label[1] == word("ap traff"));
}

/* Whether a traffic secret of TLS 1.3 is derived from a secret of this length. */
INLINE int derives(struct pt_regs *ctx, const struct point *point, __u32 len, struct expansion *expansion)
{
	__u64 info_len = 0;
	if (bpf_probe_read_user(&info_len, sizeof(info_len), (const char *)ctx->rsp + point->offset))
		return 0;
	/* Most calls are for keys, and shorter. */
	if (info_len < LABEL_AT + 17 + 1 + len || info_len > LABEL_AT + 18 + 1 + len)
		return 0;
	if (bpf_probe_read_user(expansion->wanted, LABEL_AT + LONGEST_LABEL, (const void *)held(ctx, point->label)))
		return 0;
	return info_len == LABEL_AT + expansion->label_len + 1 + len && is_taken(expansion);
}

INLINE long read_context(struct pt_regs *ctx, const struct point *point, const struct expansion *expansion, __u8 *name)
{
	const char *info = (const char *)held(ctx, point->label);
	return bpf_probe_read_user(name, 32, info + LABEL_AT + expansion->label_len + 1);
}

/* A library hands a secret to its key log, or expands it. */
SECTION("uprobe/take") int take(struct pt_regs *ctx)
{
	__u32 number = bpf_get_attach_cookie(ctx);
	struct point *point = bpf_map_lookup_elem(&points, &number);
	if (!point)
		return 0;
	__sync_fetch_and_add(&point->hits, 1);
	__u32 target = target_of_current();
	if (!target)
		return out(FOREIGN);
	/* Some libraries give it as 32 bits, and say nothing of the others. */
	__u32 len = held(ctx, point->secret_len);
	if (len != 32 && len != 48)
		return out(OTHER);
	struct expansion expansion = {};
	if (point->expands && !derives(ctx, point, len, &expansion))
		return out(OTHER);
	struct secret *secret = bpf_ringbuf_reserve(&secrets, sizeof(*secret), 0);
	if (!secret)
		return out(NO_ROOM);
	secret->target = target;
	secret->len = len;
	__builtin_memset(secret->bytes, 0, sizeof(secret->bytes));
	const void *bytes = (const void *)held(ctx, point->secret);
	long failed;
	if (point->expands) {
		__builtin_memset(secret->label, 0, sizeof(secret->label));
		__builtin_memcpy(secret->label, expansion.label, sizeof(expansion.label));
		failed = read_context(ctx, point, &expansion, secret->name);
	} else {
		failed = read_label(ctx, point, secret->label) || read_random(ctx, point, secret->name);
	}
	if (failed || bpf_probe_read_user(secret->bytes, len == 32 ? 32 : 48, bytes)) {
		__builtin_memset(secret->bytes, 0, sizeof(secret->bytes));
		bpf_ringbuf_discard(secret, BPF_RB_NO_WAKEUP);
		return out(NOT_READABLE);
	}
	bpf_ringbuf_submit(secret, BPF_RB_NO_WAKEUP);
	return out(GIVEN);
}

/* What is read of the kernel's own types. Where the fields stand, the loader takes from the kernel (BTF). */
#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)
struct kernfs_node {
	__u64 id;
};
struct cgroup_subsys_state {
	struct cgroup_subsys_state *parent;
};
/* It begins with the state that its parent's points to. */
struct cgroup {
	struct cgroup_subsys_state self;
	struct kernfs_node *kn;
};
struct css_set {
	struct cgroup *dfl_cgrp;
};
struct task_struct {
	int pid;
	int tgid;
	char comm[16];
	struct css_set *cgroups;
};
struct super_block {
	__u32 s_dev;
};
struct inode {
	unsigned long i_ino;
	struct super_block *i_sb;
};
struct path {
	void *dentry;
};
struct file {
	struct path f_path;
	struct inode *f_inode;
};
struct vm_area_struct {
	unsigned long vm_start;
	unsigned long vm_end;
	unsigned long vm_flags;
	struct file *vm_file;
};
struct seq_file;
struct bpf_iter_meta {
	struct seq_file *seq;
};
struct bpf_iter__task_vma {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
	struct vm_area_struct *vma;
};
#pragma clang attribute pop

HELPER(long, bpf_d_path, (const struct path *path, char *to, __u32 size), BPF_FUNC_d_path);
HELPER(long, bpf_seq_write, (struct seq_file *seq, const void *data, __u32 size), BPF_FUNC_seq_write);

#define READ(to, from) bpf_probe_read_kernel(&(to), sizeof(to), &(from))

/* The same of any process. */
INLINE __u32 target_of(struct task_struct *task)
{
	struct cgroup *cgroup = task->cgroups->dfl_cgrp;
	for (int level = 0; level < MOST_LEVELS && cgroup; level++) {
		struct kernfs_node *node = 0;
		__u64 id = 0;
		if (READ(node, cgroup->kn) || READ(id, node->id))
			break;
		__u32 *target = bpf_map_lookup_elem(&monitored, &id);
		if (target)
			return *target;
		if (READ(cgroup, cgroup->self.parent))
			break;
	}
	return 0;
}

/* A mapping of a process. */
SECTION("iter/task_vma") int mappings(struct bpf_iter__task_vma *ctx)
{
	struct task_struct *task = ctx->task;
	struct vm_area_struct *vma = ctx->vma;
	if (!task || !vma || task->pid != task->tgid)
		return 0;
	struct file *file = vma->vm_file;
	if (!file || !(vma->vm_flags & VM_EXEC))
		return 0;
	__u32 target = target_of(task), zero = 0;
	struct mapping *mapping = bpf_map_lookup_elem(&scratch, &zero);
	if (!target || !mapping)
		return 0;
	mapping->target = target;
	mapping->pid = task->tgid;
	mapping->device = file->f_inode->i_sb->s_dev;
	mapping->inode = file->f_inode->i_ino;
	mapping->start = vma->vm_start;
	mapping->end = vma->vm_end;
	bpf_probe_read_kernel(mapping->command, sizeof(mapping->command), task->comm);
	__u64 len = bpf_d_path(&file->f_path, (char *)mapping->path, sizeof(mapping->path));
	/* Keeps the compiler from testing another form of it than the one that is used, which the verifier does not follow. */
	asm volatile("" : "+r"(len));
	if (len > sizeof(mapping->path))
		len = 0;
	mapping->size = MAPPING_BYTES + len;
	bpf_seq_write(ctx->meta->seq, mapping, MAPPING_BYTES + len);
	return 0;
}

char SECTION("license") licence_of_program[] = "Dual MIT/GPL";
