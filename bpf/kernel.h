/* The few helpers and types of the kernel that are used, by their stable numbers (linux/bpf.h), so that nothing but the
 * kernel's own headers is needed to build. */
#ifndef KERNEL_H
#define KERNEL_H

#include <linux/bpf.h>
#include <linux/types.h>

#define SECTION(name) __attribute__((section(name), used))
#define INLINE static inline __attribute__((always_inline))
#define HELPER(type, name, arguments, number) static type(*const name) arguments = (void *)number

HELPER(void *, bpf_map_lookup_elem, (const void *map, const void *key), BPF_FUNC_map_lookup_elem);
HELPER(long, bpf_map_update_elem, (const void *map, const void *key, const void *value, __u64 flags),
       BPF_FUNC_map_update_elem);
HELPER(long, bpf_map_delete_elem, (const void *map, const void *key), BPF_FUNC_map_delete_elem);
HELPER(__u64, bpf_ktime_get_ns, (void), BPF_FUNC_ktime_get_ns);
HELPER(long, bpf_skb_load_bytes, (const void *skb, __u32 offset, void *to, __u32 len), BPF_FUNC_skb_load_bytes);
HELPER(__u64, bpf_get_socket_cookie, (void *skb), BPF_FUNC_get_socket_cookie);
HELPER(void *, bpf_get_local_storage, (const void *map, __u64 flags), BPF_FUNC_get_local_storage);
HELPER(__u64, bpf_get_netns_cookie, (void *skb), BPF_FUNC_get_netns_cookie);
HELPER(struct bpf_sock *, bpf_sk_fullsock, (struct bpf_sock *sk), BPF_FUNC_sk_fullsock);
HELPER(struct bpf_tcp_sock *, bpf_tcp_sock, (struct bpf_sock *sk), BPF_FUNC_tcp_sock);
HELPER(void *, bpf_ringbuf_reserve, (const void *ring, __u64 size, __u64 flags), BPF_FUNC_ringbuf_reserve);
HELPER(void, bpf_ringbuf_submit, (void *record, __u64 flags), BPF_FUNC_ringbuf_submit);
HELPER(void, bpf_ringbuf_discard, (void *record, __u64 flags), BPF_FUNC_ringbuf_discard);
HELPER(long, bpf_ringbuf_output, (const void *ring, const void *data, __u64 size, __u64 flags),
       BPF_FUNC_ringbuf_output);
HELPER(__u64, bpf_ringbuf_query, (const void *ring, __u64 flags), BPF_FUNC_ringbuf_query);

#define AF_INET6 10

/* States of a socket: BPF_TCP_ESTABLISHED, BPF_TCP_LISTEN. */
#define ESTABLISHED 1
#define LISTEN 10

/* A map, as the loader reads it from the section "maps". */
struct map {
	__u32 type;
	__u32 key_size;
	__u32 value_size;
	__u32 max_entries;
	__u32 flags;
};

#endif
