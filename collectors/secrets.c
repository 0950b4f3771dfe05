/* SPDX-License-Identifier: Apache-2.0 */
#include "collectors/secrets.h"

#include "lib/path.h"

static const char hashes[] = "holds password hashes; its contents are never taken";
static const char keys[] = "a private key or stored password; its contents are never taken";
static const char documents[] = "a document; its contents are never taken";

/* Patterns of path_match: "**" stands for any number of directories. */
static const struct { const char *pattern, *why; } patterns[] = {
	{ "/etc/shadow*", hashes }, { "/etc/gshadow*", hashes },
	{ "/etc/security/opasswd*", hashes }, { "/etc/master.passwd*", hashes },
	{ "/var/backups/shadow*", hashes }, { "/var/backups/gshadow*", hashes },
	{ "/var/lib/extrausers/shadow*", hashes }, { "**/.htpasswd*", hashes },
	{ "/var/lib/samba/private/**", hashes }, { "/var/lib/sss/db/**", hashes },
	{ "**/*.keytab", keys },
	{ "**/ssh_host_*_key", keys }, { "**/.ssh/id_*[!b]", keys }, { "**/.ssh/*.pem", keys },
	{ "**/ssl/private/**", keys }, { "/etc/pki/**/private/**", keys },
	{ "/etc/letsencrypt/archive/**/privkey*", keys }, { "/etc/letsencrypt/keys/**", keys },
	{ "**/privkey*.pem", keys }, { "**/*.key", keys }, { "**/*.p12", keys }, { "**/*.pfx", keys },
	{ "**/*.jks", keys }, { "**/*.keystore", keys }, { "**/*.ppk", keys }, { "**/*.kdbx", keys },
	{ "**/*.kdb", keys }, { "**/.gnupg/private-keys-v1.d/**", keys }, { "**/secring.gpg", keys },
	{ "**/.pgpass", keys }, { "**/.my.cnf", keys }, { "**/.mylogin.cnf", keys }, { "**/.netrc", keys },
	{ "**/.git-credentials", keys }, { "**/.aws/credentials", keys }, { "**/.azure/**", keys },
	{ "**/.docker/config.json", keys }, { "**/.kube/config", keys },
	{ "**/.config/gcloud/**", keys }, { "**/.password-store/**", keys },
	{ "**/.local/share/keyrings/**", keys }, { "**/.vault-token", keys },
	{ "**/logins.json", keys }, { "**/key[34].db", keys }, { "**/Login Data*", keys },
	{ "/etc/NetworkManager/system-connections/**", keys }, { "/etc/wireguard/**", keys },
	{ "/etc/ppp/*-secrets", keys }, { "/etc/ipsec.secrets*", keys }, { "/etc/ipsec.d/private/**", keys },
	{ "/etc/swanctl/private/**", keys }, { "/etc/ceph/*.keyring", keys },
	{ "/etc/krb5.keytab*", keys }, { "/var/lib/bluetooth/**", keys }, { "/etc/mysql/debian.cnf", keys },
	{ "/etc/wpa_supplicant/**", keys },
};

static const char *const document_ends[] = {
	".doc", ".docx", ".docm", ".xls", ".xlsx", ".xlsm", ".ppt", ".pptx", ".odt", ".ods", ".odp", ".pdf",
	".rtf", ".jtd", ".jpg", ".jpeg", ".heic", ".mp4", ".mov", ".eml", ".msg", ".pst", ".ost",
};

static const char *const document_folders[] = {
	"Documents", "Pictures", "Videos", "Music", "Desktop", "Maildir", "Mail", "mail",
	/* as desktops name them in Japanese: documents, pictures, videos, music, desktop */
	"ドキュメント", "画像", "ビデオ", "ミュージック", "デスクトップ",
};

/* Whose other names, as a hard link, are the same secret. */
static const char *const identities[] = {
	"/etc/shadow", "/etc/shadow-", "/etc/gshadow", "/etc/gshadow-", "/etc/security/opasswd",
	"/etc/ssh/ssh_host_rsa_key", "/etc/ssh/ssh_host_ecdsa_key", "/etc/ssh/ssh_host_ed25519_key",
	"/etc/krb5.keytab",
};

void secrets_init(struct secrets *s, struct os_root *root)
{
	struct file_facts facts;
	struct fail ignored;

	*s = (struct secrets){ 0 };
	for (size_t i = 0; i < sizeof identities / sizeof *identities; i++) {
		if (os_stat(root, span_of(identities[i]), false, &facts, NULL, &ignored) || facts.kind != 'f')
			continue;
		s->items[s->count].device = facts.device;
		s->items[s->count++].inode = facts.inode;
	}
}

/* "Report.PDF" is a document too. */
static bool ends_without_case(struct span name, const char *end)
{
	size_t size = strlen(end);

	if (name.size < size)
		return false;
	for (size_t i = 0; i < size; i++) {
		uint8_t byte = name.data[name.size - size + i];

		if ((byte >= 'A' && byte <= 'Z' ? byte + 32 : byte) != (uint8_t)end[i])
			return false;
	}
	return true;
}

/* A folder of documents right below a home: /home/NAME/Documents/… or /root/Documents/… */
static bool in_document_folder(struct span path)
{
	struct span rest = path, part;
	bool found = false;

	span_until(&rest, '/');
	part = span_until(&rest, '/');
	if (span_is(part, "home"))
		span_until(&rest, '/');
	else if (!span_is(part, "root"))
		return false;
	part = span_until(&rest, '/');
	for (size_t i = 0; i < sizeof document_folders / sizeof *document_folders; i++)
		found |= span_is(part, document_folders[i]);
	return found && rest.size;
}

const char *secret_path(struct span path)
{
	struct span name = path_base(path);

	for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++)
		if (path_match(span_of(patterns[i].pattern), path))
			return patterns[i].why;
	for (size_t i = 0; i < sizeof document_ends / sizeof *document_ends; i++)
		if (ends_without_case(name, document_ends[i]))
			return documents;
	return in_document_folder(path) ? documents : NULL;
}

const char *secret_identity(const struct secrets *s, const struct file_facts *facts)
{
	for (size_t i = 0; i < s->count; i++)
		if (s->items[i].device == facts->device && s->items[i].inode == facts->inode)
			return hashes;
	return NULL;
}

const char *secret_bytes(struct span head)
{
	head = span_part(head, 0, SECRETS_HEAD);
	if (span_contains(head, "PRIVATE KEY-----") || span_starts(head, "PuTTY-User-Key-File"))
		return keys;
	/* A copy of shadow(5) under any name. */
	return span_starts(head, "root:$") ? hashes : NULL;
}
