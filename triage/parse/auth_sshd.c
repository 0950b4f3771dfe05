/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/address.h"
#include "triage/parse/auth.h"

/* "ADDRESS port N" at the start; *size is all of it, which ends the text or goes on with one of ends. */
static bool endpoint(struct span s, struct auth *a, size_t *size)
{
	struct span address = span_part(s, 0, span_find(s, ' ')), rest = s, port;
	int64_t number;

	rest = span_part(s, address.size, s.size);
	if (!address.size || !auth_take(&rest, " port "))
		return false;
	port = (struct span){ rest.data, 0 };
	while (port.size < rest.size && rest.data[port.size] >= '0' && rest.data[port.size] <= '9')
		port.size++;
	if (!span_number(port, &number) || number > 65535)
		return false;
	a->address = address;
	a->port = port;
	*size = address.size + strlen(" port ") + port.size;
	return true;
}

/*
 * The name before, and the address behind, the last (or first) " from ADDRESS port N"; without any
 * such, the last " from WORD". *rest is what follows.
 */
static bool from(struct span s, bool last, struct span *name, struct span *rest, struct auth *a)
{
	struct span before = s, after, best = { 0 };
	struct auth found = *a;
	bool any = false;
	size_t size;

	for (after = s; auth_split(after, " from ", &before, &after);) {
		if (any && !last)
			break;
		if (!endpoint(after, &found, &size))
			continue;
		any = true;
		best = after;
		*a = found;
		*rest = span_part(after, size, after.size);
	}
	if (!any) {
		if (!auth_split_last(s, " from ", &before, &after))
			return false;
		best = after;
		a->address = span_part(after, 0, span_find(after, ' '));
		*rest = span_part(after, a->address.size, after.size);
	}
	*name = (struct span){ s.data, (size_t)(best.data - s.data) - strlen(" from ") };
	return a->address.size > 0;
}

static struct span without_invalid(struct span name)
{
	if (!auth_take(&name, "invalid user "))
		auth_take(&name, "illegal user ");
	return name;
}

/* ": RSA SHA256:…" behind " ssh2" */
static void key(struct span rest, struct auth *a)
{
	struct span before, kind;

	if (!auth_split(rest, ": ", &before, &rest))
		return;
	kind = span_word(&rest);
	if (kind.size && kind.data[0] >= 'A' && kind.data[0] <= 'Z') {
		a->key = span_word(&rest);
		if (a->key.size && a->key.data[a->key.size - 1] == ',')
			a->key.size--;
		if (!a->key.size)
			a->key = (struct span){ 0 };
	}
}

/* "METHOD for USER from ADDRESS port N ssh2: KEY" */
static bool attempt(struct span m, bool accepted, struct auth *a)
{
	struct span rest, name;

	a->action = accepted ? "accepted" : "failed";
	if (!auth_split(m, " for ", &a->method, &m) || !from(m, !accepted, &name, &rest, a))
		return false;
	a->user = without_invalid(name);
	key(rest, a);
	return true;
}

static bool named(struct span m, const char *action, struct auth *a)
{
	struct span rest, name;

	a->action = action;
	if (!from(m, true, &name, &rest, a))
		return false;
	a->user = without_invalid(name);
	return true;
}

/* The address comes first, perhaps with its port, and ends with a blank or a colon. */
static bool peer_first(struct span m, const char *action, struct auth *a)
{
	size_t size;

	a->action = action;
	if (endpoint(m, a, &size))
		return true;
	a->address = span_part(m, 0, span_find(m, ' '));
	if (a->address.size && a->address.data[a->address.size - 1] == ':')
		a->address.size--;
	return a->address.size > 0;
}

/* "[authenticating |invalid ]user NAME ADDRESS port N", or the address alone. The last one counts. */
static bool peer_last(struct span m, const char *action, struct auth *a)
{
	static const char *const reasons[] = {
		": Change of username or service not allowed", ": Too many authentication failures",
	};
	struct span before, rest, name;
	size_t size;

	for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
		if (auth_split_last(m, reasons[i], &before, &rest))
			m = before;
	if (!auth_take(&m, "authenticating user ") && !auth_take(&m, "invalid user ") &&
	    !auth_take(&m, "user "))
		return peer_first(m, action, a);
	if (!auth_split_last(m, " port ", &before, &rest) ||
	    !auth_split_last(before, " ", &name, &rest) ||
	    !endpoint((struct span){ rest.data, m.size - (size_t)(rest.data - m.data) }, a, &size))
		return false;
	a->action = action;
	a->user = name;
	return true;
}

/* "USER from HOST not allowed because …" */
static bool not_allowed(struct span m, struct auth *a)
{
	struct span before, rest;

	return auth_split_last(m, " not allowed because ", &before, &rest) && named(before, "failed", a);
}

/* "PAM: Authentication failure for USER from HOST via ADDRESS" */
static bool pam_error(struct span m, struct auth *a)
{
	struct span before, rest;

	a->method_name = "pam";
	return auth_split(m, " for ", &before, &rest) && named(rest, "failed", a);
}

static bool refused_root(struct span m, struct auth *a)
{
	a->user = span_of("root");
	return peer_first(m, "failed", a);
}

/* "HOST (ADDRESS)" */
static bool refused_peer(struct span m, struct auth *a)
{
	struct span before, rest;

	a->action = "connection";
	if (!auth_split_last(m, "(", &before, &rest))
		return peer_first(m, "connection", a);
	a->address = span_part(rest, 0, span_find(rest, ')'));
	return true;
}

static bool accepted(struct span m, struct auth *a) { return attempt(m, true, a); }
static bool failed(struct span m, struct auth *a) { return attempt(m, false, a); }
static bool exceeded(struct span m, struct auth *a) { return named(m, "failed", a); }
static bool invalid(struct span m, struct auth *a) { return named(m, "invalid-user", a); }
static bool closed(struct span m, struct auth *a) { return peer_last(m, "disconnected", a); }
static bool received(struct span m, struct auth *a) { return peer_first(m, "disconnected", a); }
static bool connection(struct span m, struct auth *a) { return peer_first(m, "connection", a); }

/* "'…' from ADDRESS port N": what is in the quotes came from the peer. */
static bool identification(struct span m, struct auth *a)
{
	struct span name, rest;

	a->action = "connection";
	return from(m, true, &name, &rest, a);
}

static const struct { const char *start; bool (*read)(struct span, struct auth *); } messages[] = {
	{ "Accepted ", accepted }, { "Failed ", failed }, { "Connection closed by ", closed },
	{ "Connection reset by ", closed }, { "Disconnected from ", closed },
	{ "Disconnecting ", closed }, { "Received disconnect from ", received },
	{ "Connection from ", connection }, { "User ", not_allowed },
	{ "maximum authentication attempts exceeded for ", exceeded }, { "PAM: ", pam_error },
	{ "ROOT LOGIN REFUSED FROM ", refused_root }, { "Unable to negotiate with ", connection },
	{ "banner exchange: Connection from ", connection },
	{ "Did not receive identification string from ", connection },
	{ "Bad protocol version identification ", identification },
	{ "refused connect from ", refused_peer },
};

bool auth_sshd(struct span m, struct auth *a)
{
	if (!auth_take(&m, "error: "))
		auth_take(&m, "fatal: ");
	/* The name may be empty: "Invalid user  from ADDRESS". */
	if (span_starts(m, "Invalid user ") || span_starts(m, "Illegal user "))
		return invalid(span_part(m, strlen("Invalid user "), m.size), a);
	for (size_t i = 0; i < sizeof messages / sizeof *messages; i++) {
		if (messages[i].start[0] != (m.size ? (char)m.data[0] : 0))
			continue;
		if (auth_take(&m, messages[i].start))
			return messages[i].read(m, a);
	}
	return false;
}

/* "… from ADDRESS:PORT" at the end; the address may be IPv6. */
static bool colon_endpoint(struct span m, struct span *before, struct auth *a)
{
	struct span rest;
	int64_t number;

	if (!auth_split_last(m, " from ", before, &rest) ||
	    !auth_split_last(rest, ":", &a->address, &a->port))
		return false;
	return span_number(a->port, &number) && a->address.size > 0;
}

bool auth_dropbear(struct span m, struct auth *a)
{
	struct span before, rest = m;

	if (!colon_endpoint(m, &before, a) || before.size < 2)
		return false;
	m = span_part(before, 1, before.size);
	if (auth_take(&m, "ad password attempt for ") || auth_take(&m, "ogin attempt for ")) {
		a->action = span_starts(m, "nonexistent") ? "invalid-user" : "failed";
		a->method = span_of("password");
		auth_quoted(&m, &a->user);
		return true;
	}
	if (span_contains(before, " auth succeeded for ")) {
		a->action = "accepted";
		auth_split(before, " auth succeeded for ", &a->method, &rest);
		auth_quoted(&rest, &a->user);
		if (auth_split(rest, " key ", &before, &rest))
			a->key = span_word(&rest);
		return true;
	}
	if (span_starts(rest, "Exit before auth")) {
		a->action = "disconnected";
		if (auth_split(rest, "user ", &before, &rest))
			auth_quoted(&rest, &a->user);
		return true;
	}
	return false;
}
