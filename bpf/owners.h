/* Whose a socket is: the number that user space gave its cgroup; or, where pods have no cgroup of version 2, its address. */
#ifndef OWNERS_H
#define OWNERS_H

#include "kernel.h"

/* The program runs for the sockets of one cgroup only. */
#define BY_CGROUP 0
/* It runs for those of the whole node; a pod's have the pod's address. */
#define BY_ADDRESS 1
/* The same, and a socket with a loopback address is that pod's in whose network namespace the pod's address was seen. */
#define BY_NETWORK 2

/* The number of the cgroup that the program runs for; 0 until user space has given it one. */
struct map SECTION("maps") targets = {
	.type = BPF_MAP_TYPE_CGROUP_STORAGE,
	.key_size = sizeof(struct bpf_cgroup_storage_key),
	.value_size = sizeof(__u64),
};

/* An IPv4 address stands as IPv6 maps it. */
struct address {
	__u32 words[4];
};

/* More than a node can have pods, with two addresses each. */
#define MOST_OWNERS 4096
#define MOST_NETWORKS 1024

/* The numbers of addresses, by user space. */
struct map SECTION("maps") owners = {
	.type = BPF_MAP_TYPE_HASH,
	.key_size = sizeof(struct address),
	.value_size = sizeof(__u32),
	.max_entries = MOST_OWNERS,
	.flags = BPF_F_NO_PREALLOC,
};

/* An address with a number that was seen in a network namespace, by the cookie of that. What was not of use for long is
 * forgotten first; it is learned again from the next packet of the pod. */
struct map SECTION("maps") networks = {
	.type = BPF_MAP_TYPE_LRU_HASH,
	.key_size = sizeof(__u64),
	.value_size = sizeof(struct address),
	.max_entries = MOST_NETWORKS,
};

INLINE __u32 owner_of_cgroup(void)
{
	return *(__u64 *)bpf_get_local_storage(&targets, 0);
}

/* Where the packet goes: for the socket of a listener, which may stand for every address. */
INLINE int destination(struct __sk_buff *skb, struct address *address)
{
	__u8 version;
	if (bpf_skb_load_bytes(skb, 0, &version, 1))
		return -1;
	if (version >> 4 == 4)
		return bpf_skb_load_bytes(skb, 16, &address->words[3], 4);
	return bpf_skb_load_bytes(skb, 24, address->words, 16);
}

INLINE int is_loopback(const struct address *address)
{
	const __u32 *words = address->words;
	if (words[0] | words[1])
		return 0;
	if (words[2] == __builtin_bswap32(0xffff))
		return *(const __u8 *)&words[3] == 127;
	return !words[2] && words[3] == __builtin_bswap32(1);
}

INLINE __u32 number_of(const struct address *address)
{
	const __u32 *number = bpf_map_lookup_elem(&owners, address);
	return number ? *number : 0;
}

/* The number of the address that was seen in a network namespace. */
INLINE __u32 number_in(const __u64 *network)
{
	const struct address *address = bpf_map_lookup_elem(&networks, network);
	return address ? number_of(address) : 0;
}

/* The number of the socket's own address; 0 when it is nobody's. */
INLINE __u32 owner_of_address(struct __sk_buff *skb, struct bpf_sock *sk, int outgoing, int by)
{
	struct address address = { { 0, 0, __builtin_bswap32(0xffff), 0 } };
	if (sk->state == LISTEN && !outgoing) {
		if (destination(skb, &address))
			return 0;
	} else if (sk->family == AF_INET6) {
		address.words[0] = sk->src_ip6[0];
		address.words[1] = sk->src_ip6[1];
		address.words[2] = sk->src_ip6[2];
		address.words[3] = sk->src_ip6[3];
	} else {
		__u32 ip = sk->src_ip4;
		/* Keeps the compiler from reading this field and the one above through one pointer, which the verifier refuses. */
		asm volatile("" : "+r"(ip));
		address.words[3] = ip;
	}
	__u32 number = number_of(&address);
	if (by != BY_NETWORK)
		return number;
	int loopback = is_loopback(&address);
	if (!number == !loopback)
		return number;
	__u64 network = bpf_get_netns_cookie(skb);
	__u32 known = number_in(&network);
	if (loopback)
		return known;
	/* One of the pod's addresses is enough. */
	if (known != number)
		bpf_map_update_elem(&networks, &network, &address, BPF_ANY);
	return number;
}

#endif
