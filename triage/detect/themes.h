/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KAKE_THEMES_H
#define KAKE_THEMES_H
/* The lists of rules, one a file, and the texts of commands that more than one of them looks for. */
#include "triage/detect/rule.h"

extern const struct rule rules_process[], rules_memory[], rules_network[], rules_autorun[],
	rules_account[], rules_logon[], rules_log[], rules_shell[], rules_file[], rules_kernel[];

/* A command by which a shell is given to somebody on the network. */
#define REMOTE_SHELL(c) \
	"coalesce(" c " LIKE '%/dev/tcp/%' OR " c " LIKE '%/dev/udp/%' OR " c " GLOB '*bash -i*>&*'" \
	" OR " WORD(c) "nc -e *' OR " WORD(c) "nc * -e /*' OR " WORD(c) "nc -c *sh*' OR " WORD(c) "nc.traditional *-e*'" \
	" OR " WORD(c) "ncat *-e /*' OR " WORD(c) "ncat *--exec*'" \
	" OR " c " GLOB '*mkfifo*nc *' OR " c " GLOB '*mknod* p*nc *' OR " c " LIKE '%socat%exec:%sh%'" \
	" OR (" c " GLOB '*python* -c *' AND " c " LIKE '%socket%'" \
	"  AND (" c " LIKE '%connect%' OR " c " LIKE '%dup2%' OR " c " LIKE '%bind%'))" \
	" OR (" c " GLOB '*perl* -e *' AND " c " LIKE '%socket%')" \
	" OR (" c " GLOB '*ruby* -e *' AND " c " LIKE '%tcpsocket%')" \
	" OR (" c " GLOB '*php* -r *' AND " c " LIKE '%fsockopen%'), 0)"
/* A pattern that begins at a word. */
#define WORD(c) "' ' || " c " GLOB '*[ ;|&/(`]"
/* Something from the network, or from unreadable text, goes straight into an interpreter. */
#define DOWNLOAD_RUN(c) \
	"((" c " GLOB '*curl *' OR " c " GLOB '*wget *') AND (" PIPED(c) \
	" OR " c " GLOB '*sh <(*' OR " c " GLOB '*sh -c \"$(*' OR " c " GLOB '*eval *' OR " c " GLOB '*source <(*'" \
	" OR (" c " GLOB '*chmod *' AND (" c " GLOB '*; ./*' OR " c " GLOB '*&& ./*' OR " c " GLOB '*;./*' OR " c " GLOB '*&&./*'" \
	"  OR " c " GLOB '*/tmp/*' OR " c " GLOB '*/dev/shm/*'))))"
#define DECODE_RUN(c) \
	"((" c " GLOB '*base64 -d*' OR " c " GLOB '*base64 --decode*' OR " c " GLOB '*base64 -D*' OR " c " GLOB '*xxd -r*'" \
	" OR " c " GLOB '*openssl *enc* -d*') AND (" PIPED(c) " OR " c " GLOB '*eval *'))" \
	" OR (" c " GLOB '*python* -c *' AND " c " LIKE '%b64decode%' AND " c " LIKE '%exec%')"
#define PIPED(c) \
	c " GLOB '*| sh*' OR " c " GLOB '*|sh*' OR " c " GLOB '*| bash*' OR " c " GLOB '*|bash*'" \
	" OR " c " GLOB '*| /bin/*sh*' OR " c " GLOB '*|/bin/*sh*' OR " c " GLOB '*| sudo *sh*'" \
	" OR " c " GLOB '*| python*' OR " c " GLOB '*|python*' OR " c " GLOB '*| perl*' OR " c " GLOB '*|perl*'" \
	" OR " c " GLOB '*| dash*' OR " c " GLOB '*| zsh*'"
#endif
