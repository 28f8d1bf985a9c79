package postgres

import "strings"

// keywords are libpq's connection parameters. Those with a reason are refused,
// because to ignore them would weaken what was asked for.
var keywords = map[string]string{
	"host": "", "hostaddr": "", "port": "", "dbname": "", "user": "", "password": "",
	"passfile": "", "service": "", "servicefile": "", "connect_timeout": "", "client_encoding": "",
	"options": "", "application_name": "", "fallback_application_name": "",
	"keepalives": "", "keepalives_idle": "", "keepalives_interval": "", "keepalives_count": "",
	"target_session_attrs": "", "load_balance_hosts": "",
	"sslmode": "", "sslrootcert": "", "sslcert": "", "sslkey": "", "sslsni": "", "sslnegotiation": "",
	"ssl_min_protocol_version": "", "ssl_max_protocol_version": "",

	// Without an effect here, or with the only effect that there is.
	"channel_binding": "", "gssencmode": "", "gsslib": "", "gssdelegation": "", "krbsrvname": "",
	"sslcompression": "", "sslcertmode": "", "tcp_user_timeout": "",
	"min_protocol_version": "", "max_protocol_version": "",

	"sslpassword":  "an encrypted client key is not supported: decrypt the key file",
	"sslcrl":       "revocation lists are not supported",
	"sslcrldir":    "revocation lists are not supported",
	"requirepeer":  "not supported",
	"require_auth": "not supported: restrict the methods in the server's pg_hba.conf",
	"requiressl":   "obsolete: use sslmode=require",
	"replication":  "a replication connection cannot run migrations",
}

// elsewhere are parameters of other clients that apps put into the URL which we
// are given too. They say nothing about where or as whom to connect.
var elsewhere = words(`
	timeout dial_timeout read_timeout write_timeout
	pool_max_conns pool_min_conns pool_min_idle_conns pool_max_conn_lifetime pool_max_conn_lifetime_jitter
	pool_max_conn_idle_time pool_health_check_period pool_ping_timeout
	default_query_exec_mode statement_cache_capacity description_cache_capacity
	binary_parameters disable_prepared_binary_result connection_limit pool_timeout pgbouncer`)

// settings are the server's own that a client commonly chooses, in lower case.
// Any other is given with options=-c name=value; so a misspelt keyword is told
// here and not taken for a setting.
var settings = words(`
	search_path role session_authorization timezone datestyle intervalstyle
	statement_timeout lock_timeout idle_in_transaction_session_timeout idle_session_timeout transaction_timeout
	client_connection_check_interval client_min_messages log_statement log_min_duration_statement
	default_transaction_isolation default_transaction_read_only default_transaction_deferrable
	default_tablespace temp_tablespaces default_table_access_method default_toast_compression
	work_mem maintenance_work_mem temp_buffers max_parallel_workers_per_gather max_parallel_maintenance_workers
	synchronous_commit standard_conforming_strings extra_float_digits bytea_output xmloption
	row_security check_function_bodies jit deadlock_timeout session_replication_role
	lc_messages lc_monetary lc_numeric lc_time plan_cache_mode random_page_cost
	tcp_keepalives_idle tcp_keepalives_interval tcp_keepalives_count`)

func words(text string) map[string]bool {
	set := map[string]bool{}
	for w := range strings.FieldsSeq(text) {
		set[w] = true
	}
	return set
}

// isSetting tells that name is a setting of the server, perhaps of an extension
// ("app.tenant").
func isSetting(name string) bool {
	return settings[strings.ToLower(name)] || strings.Contains(name, ".") && isName(name)
}

// isKnown tells that name may stand in a URL.
func isKnown(name string) bool {
	_, keyword := keywords[name]
	return keyword || elsewhere[name] || isSetting(name)
}

// isName tells that s is spelled as parameters are: it can be shown, for it is
// hardly a piece of a password.
func isName(s string) bool {
	if s == "" || len(s) > 63 || s[0] >= '0' && s[0] <= '9' {
		return false
	}
	for _, r := range s {
		if r != '_' && r != '.' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') {
			return false
		}
	}
	return true
}
