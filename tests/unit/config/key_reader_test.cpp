#include "config/key_reader.hpp"

#include "tests/unit/config/config_testing.hpp"

#include <gtest/gtest.h>

namespace postern::config {
namespace {

TEST(KeyReader, LetsTheEnvironmentOverrideTheFile) {
    const auto loaded = load(input_of(
        "listen = \"127.0.0.1:1\"\nthreads = 3\n[limits]\nbody_bytes_max = 2048\n",
        {{"POSTERN_LISTEN", "0.0.0.0:0"},
         {"POSTERN_ADMIN_LISTEN", "[::1]:9"},
         {"POSTERN_DATA_DIR", "/var/lib/postern"},
         {"POSTERN_LOG_LEVEL", "debug"},
         {"POSTERN_LOG_FORMAT", "json"},
         {"POSTERN_PUBLIC_URL", "https://pay.example.com/"},
         {"POSTERN_LIMITS_BODY_BYTES_MAX", "4096"},
         {"POSTERN_LIMITS_STORE_WAIT_MILLISECONDS", "500"},
         {"POSTERN_PROXY_TRUSTED", "10.0.0.0/8,192.168.0.1"},
         {"POSTERN_BOOTSTRAP_SECRET_KEY", "sk_test_0123456789"},
         {"POSTERN_BOOTSTRAP_RESTRICTED_KEY", "rk_test_0123456789"},
         {"PATH", "/bin"}}
    ));
    ASSERT_EQ(complaints_of(loaded), "");
    EXPECT_EQ(to_text(loaded->listen), "0.0.0.0:0");
    EXPECT_EQ(to_text(loaded->admin_listen), "[::1]:9");
    EXPECT_EQ(loaded->data_dir, "/var/lib/postern");
    EXPECT_EQ(loaded->threads, 3);
    EXPECT_EQ(loaded->log, (Log{log::Level::debug, log::Format::json}));
    EXPECT_EQ(loaded->public_url, "https://pay.example.com");
    EXPECT_EQ(loaded->limits.body_bytes_max, 4096);
    EXPECT_EQ(loaded->limits.store_wait, std::chrono::milliseconds{500});
    EXPECT_EQ(loaded->proxy.trusted.size(), 2U);
    EXPECT_EQ(loaded->api.bootstrap_secret_key, "sk_test_0123456789");
    EXPECT_EQ(loaded->api.bootstrap_restricted_key, "rk_test_0123456789");
}

TEST(KeyReader, TakesAnEmptyVariableForAnUnsetOne) {
    const auto loaded = load(input_of("threads = 3", {{"POSTERN_THREADS", ""}}));
    ASSERT_EQ(complaints_of(loaded), "");
    EXPECT_EQ(loaded->threads, 3);
}

struct Case {
    const char* name;
    const char* text;
    Environment environment;
    const char* fragment;
};

const Case kCases[] = {
    {"names the closest variable",
     "",
     {{"POSTERN_LISTN", "x"}},
     "environment: POSTERN_LISTN is not a setting; did you mean POSTERN_LISTEN?"},
    {"names the closest key",
     "lissten = \"127.0.0.1:1\"",
     {},
     "/etc/postern/postern.toml: lissten is not a setting; did you mean listen?"},
    {"names the closest table", "[limit]\n", {}, "did you mean limits?"},
    {"names the table of a wrong key",
     "[limits]\nbody_byte_max = 1",
     {},
     "[limits]: body_byte_max is not a setting; did you mean body_bytes_max?"},
    {"tells bounds",
     "[limits]\nbody_bytes_max = 1",
     {},
     "[limits]: body_bytes_max must be a whole number from 1024 to 67108864"},
    {"tells bounds of a variable",
     "",
     {{"POSTERN_THREADS", "many"}},
     "environment: POSTERN_THREADS must be a whole number from 0 to 256"},
    {"tells choices",
     "[log]\nlevel = \"loud\"",
     {},
     "[log]: level must be one of debug info warn error"},
    {"wants a table to be one", "limits = 3", {}, "limits must be a table"},
    {"refuses another store",
     "[storage]\nurl = \"mysql://u:p@h/d\"",
     {},
     "[storage]: url must be empty, sqlite:PATH, or a URL like postgres://"},
    {"refuses a queue of another kind",
     "[queue]\nurl = \"amqp://h\"",
     {},
     "[queue]: url must be empty, or begin with redis://"},
    {"tells what to do where the queue wants TLS",
     "[queue]\nurl = \"rediss://h\"",
     {},
     "let stunnel carry redis:// over it"},
    {"refuses a prefix that would choose a slot",
     "[queue]\nprefix = \"{a}\"",
     {},
     "[queue]: prefix must be 1 to 64 letters"},
    {"refuses a node's name with spaces",
     "[cluster]\nnode_name = \"a b\"",
     {},
     "[cluster]: node_name must be at most 64"},
    {"refuses a key of another kind",
     "[api]\nbootstrap_secret_key = \"rk_test_1\"",
     {},
     "bootstrap_secret_key must begin with sk_test_"},
    {"refuses a secret and its file",
     "[api]\nbootstrap_secret_key = \"sk_test_1\"\nbootstrap_secret_key_file = \"key\"",
     {},
     "bootstrap_secret_key_file stands beside"},
    {"refuses a certificate that is not there",
     "[tls]\ncertificate_file = \"absent.pem\"",
     {},
     "certificate_file names a file that cannot be read"},
    {"refuses a public URL with a query",
     "public_url = \"https://a.example/?b\"",
     {},
     "public_url must be a URL"},
    {"refuses a public URL without a host", "public_url = \"https:///x\"", {}, "must be a URL"},
    {"refuses half a range", "[proxy]\ntrusted = [\"10.0.0.1/8\"]", {}, "beyond the prefix"},
};

TEST(KeyReader, SaysWhatIsWrongAndWhere) {
    for (const Case& test_case : kCases) {
        SCOPED_TRACE(test_case.name);
        const std::string complaints =
            complaints_of(load(input_of(test_case.text, test_case.environment)));
        EXPECT_NE(complaints.find(test_case.fragment), std::string::npos) << complaints;
    }
}

TEST(KeyReader, ReadsSecretsFromCredentialsBeforeTheFolderOfTheFile) {
    const FakeFiles files = {
        {"/run/credentials/postern/secret-key", "sk_live_credential\n"},
        {"/etc/postern/secret-key", "sk_live_beside\n"},
        {"/etc/postern/read-key", "rk_live_beside\n"}};
    const auto loaded = load(input_of(
        "[api]\nbootstrap_secret_key_file = \"secret-key\"\n"
        "bootstrap_restricted_key_file = \"read-key\"",
        {{"CREDENTIALS_DIRECTORY", "/run/credentials/postern"}},
        files
    ));
    ASSERT_EQ(complaints_of(loaded), "");
    EXPECT_EQ(loaded->api.bootstrap_secret_key, "sk_live_credential");
    EXPECT_EQ(loaded->api.bootstrap_restricted_key, "rk_live_beside");
}

TEST(KeyReader, ReadsASecretFromAFileThatAVariableNames) {
    const auto loaded = load(input_of(
        "[api]\nbootstrap_secret_key = \"sk_test_old\"",
        {{"POSTERN_BOOTSTRAP_SECRET_KEY_FILE", "/run/secrets/key"}},
        {{"/run/secrets/key", "sk_test_new"}}
    ));
    ASSERT_EQ(complaints_of(loaded), "");
    EXPECT_EQ(loaded->api.bootstrap_secret_key, "sk_test_new");
}

TEST(KeyReader, KeepsTheWholePathOfACertificate) {
    const auto loaded = load(input_of(
        "[tls]\ncertificate_file = \"c.pem\"\nkey_file = \"/k.pem\"\nmin_version = \"1.3\"\n"
        "listen = \"0.0.0.0:8443\"",
        {},
        {{"/etc/postern/c.pem", "c"}, {"/k.pem", "k"}}
    ));
    ASSERT_EQ(complaints_of(loaded), "");
    EXPECT_EQ(loaded->tls.certificate_file, "/etc/postern/c.pem");
    EXPECT_EQ(loaded->tls.key_file, "/k.pem");
    EXPECT_EQ(loaded->tls.version_min, TlsVersion::tls_1_3);
    EXPECT_TRUE(loaded->tls.listen.has_value());
}

}  // namespace
}  // namespace postern::config
