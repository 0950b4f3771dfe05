/* SPDX-License-Identifier: Apache-2.0 */
#include "collectors/linux/netlink.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum { ANSWER_BYTES = 1 << 18, REQUEST_BYTES = 512, SECONDS = 5 };

/* Messages and attributes begin at multiples of four bytes. */
static size_t align(size_t size)
{
	return (size + 3) & ~(size_t)3;
}

int netlink_open(int *fd, int protocol, struct fail *f)
{
	struct timeval wait = { .tv_sec = SECONDS };
	int made = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);

	if (made < 0)
		return fail_errno(f, errno, "cannot ask the kernel about the network");
	setsockopt(made, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
	setsockopt(made, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait);
	*fd = made;
	return 0;
}

static int send_request(int fd, uint16_t type, struct span request, uint32_t sequence, struct fail *f)
{
	union { struct nlmsghdr header; uint8_t bytes[REQUEST_BYTES]; } message = { .bytes = { 0 } };
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	size_t size = NLMSG_LENGTH(request.size);

	if (size > sizeof message)
		return fail_errno(f, EINVAL, "cannot ask the kernel about the network");
	message.header = (struct nlmsghdr){
		.nlmsg_len = (uint32_t)size, .nlmsg_type = type,
		.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP, .nlmsg_seq = sequence,
	};
	memcpy(NLMSG_DATA(&message.header), request.data, request.size);
	if (sendto(fd, &message, size, 0, (struct sockaddr *)&kernel, sizeof kernel) < 0)
		return fail_errno(f, errno, "cannot ask the kernel about the network");
	return 0;
}

/* One datagram of answers: 1 the dump has ended, 0 more to come, -1 failed. */
static int read_answers(struct span rest, uint32_t sequence, int (*each)(void *, uint16_t, struct span,
                        struct fail *), void *context, bool *interrupted, struct fail *f)
{
	while (rest.size >= sizeof(struct nlmsghdr)) {
		struct nlmsghdr header;
		struct span payload;
		int number = EIO;

		memcpy(&header, rest.data, sizeof header);
		if (header.nlmsg_len < sizeof header || header.nlmsg_len > rest.size)
			return fail_errno(f, EIO, "cannot ask the kernel about the network");
		payload = span_part(rest, NLMSG_HDRLEN, header.nlmsg_len - NLMSG_HDRLEN);
		rest = span_part(rest, align(header.nlmsg_len), rest.size);
		if (header.nlmsg_seq != sequence)
			continue;
		*interrupted |= (header.nlmsg_flags & NLM_F_DUMP_INTR) != 0;
		if (header.nlmsg_type == NLMSG_DONE || header.nlmsg_type == NLMSG_ERROR) {
			if (payload.size >= sizeof number)
				memcpy(&number, payload.data, sizeof number);
			if (number < 0)
				return fail_errno(f, -number, "the kernel refuses to list its sockets or routes");
			return 1;
		}
		if (each(context, header.nlmsg_type, payload, f))
			return -1;
	}
	return 0;
}

int netlink_dump(int fd, uint16_t type, struct span request,
                 int (*each)(void *context, uint16_t type, struct span payload, struct fail *f),
                 void *context, bool *interrupted, struct fail *f)
{
	static const uint32_t sequence = 1;
	uint8_t *bytes = malloc(ANSWER_BYTES);
	int result = 0;

	*interrupted = false;
	if (!bytes)
		return fail_set(f, "out of memory");
	if (send_request(fd, type, request, sequence, f)) {
		free(bytes);
		return -1;
	}
	while (!result) {
		ssize_t got = recv(fd, bytes, ANSWER_BYTES, 0);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			result = fail_errno(f, got ? errno : EIO, "cannot ask the kernel about the network");
		else
			result = read_answers((struct span){ bytes, (size_t)got }, sequence, each, context,
			                      interrupted, f);
	}
	free(bytes);
	return result < 0 ? -1 : 0;
}

struct span netlink_attribute(struct span payload, size_t skip, uint16_t kind)
{
	struct span rest = span_part(payload, align(skip), payload.size);
	struct nlattr header;

	while (rest.size >= sizeof header) {
		memcpy(&header, rest.data, sizeof header);
		if (header.nla_len < sizeof header || header.nla_len > rest.size)
			break;
		if ((header.nla_type & (uint16_t)NLA_TYPE_MASK) == kind)
			return (struct span){ rest.data + sizeof header, header.nla_len - sizeof header };
		rest = span_part(rest, align(header.nla_len), rest.size);
	}
	return (struct span){ 0 };
}

uint32_t netlink_u32(struct span attribute)
{
	uint32_t number = 0;

	if (attribute.size >= sizeof number)
		memcpy(&number, attribute.data, sizeof number);
	return number;
}
