#include "dispatch/url_guard.hpp"

#include "core/numbers.hpp"
#include "core/utf8.hpp"

#include <gtest/gtest.h>

#include <charconv>
#include <filesystem>
#include <fstream>

namespace postern::dispatch {
namespace {

constexpr std::string_view kFolder = POSTERN_SOURCE_DIR "/tests/corpora/";

std::vector<std::string> columns_of(std::string_view line) {
    std::vector<std::string> columns;
    for (;;) {
        const auto tab = line.find('\t');
        columns.emplace_back(line.substr(0, tab));
        if (tab == std::string_view::npos) return columns;
        line.remove_prefix(tab + 1);
    }
}

std::size_t escape_digits(std::string_view text) {
    if (text.starts_with("\\x")) return 2;
    if (text.starts_with("\\u")) return 4;
    return text.starts_with("\\U") ? 8 : 0;
}

// The lists write what is not printable ASCII as \xNN, \uNNNN or \UNNNNNNNN.
std::string decoded(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const std::size_t digits = escape_digits(text);
        std::uint32_t code = static_cast<unsigned char>(text.front());
        if (digits != 0) std::from_chars(text.data() + 2, text.data() + 2 + digits, code, 16);
        append_utf8(out, static_cast<char32_t>(code));
        text.remove_prefix(digits == 0 ? 1 : digits + 2);
    }
    return out;
}

std::vector<std::vector<std::string>> rows_of(std::string_view list) {
    std::ifstream file{std::string{kFolder} + std::string{list}};
    std::vector<std::vector<std::string>> rows;
    for (std::string line; std::getline(file, line);) {
        if (!line.empty() && line.front() != '#') rows.push_back(columns_of(line));
    }
    EXPECT_GT(rows.size(), 10U) << list;
    return rows;
}

GuardRules open_rules() {
    return {.http = GuardRules::Http::allowed, .ports = GuardRules::Ports::high};
}

net::IpAddress address_of(std::string_view text) {
    return net::parse_ip_address(text).value_or(net::IpAddress{});
}

net::AddressList list_of(const std::vector<std::string>& ranges) {
    return *net::AddressList::parse(ranges);
}

bool embeds_v4(std::string_view text) {
    return address_of(text).is_v4() && text.find(':') != std::string_view::npos;
}

std::string verdict_on_ip(std::string_view text, const GuardRules& rules) {
    if (!net::parse_ip_address(text) || embeds_v4(text)) return "no address";
    const auto refusal = judge_address(address_of(text), rules);
    return refusal ? std::string{to_text(*refusal)} : "allowed";
}

std::string verdict_on_url(std::string_view url, const GuardRules& rules) {
    const auto destination = parse_destination(url, rules);
    return destination ? "allowed" : std::string{to_text(destination.error())};
}

TEST(UrlGuard, AgreesWithTheListsOfDestinations) {
    for (const std::string_view list : {"ssrf-allowed.txt", "ssrf-denied.txt"}) {
        for (const auto& row : rows_of(list)) {
            ASSERT_GE(row.size(), 3U);
            SCOPED_TRACE(row[1] + ": " + row[2]);
            const std::string value = decoded(row[1]);
            const std::string verdict = row[0] == "ip" ? verdict_on_ip(value, open_rules())
                                                       : verdict_on_url(value, open_rules());
            EXPECT_EQ(verdict == "allowed", list == "ssrf-allowed.txt") << verdict;
        }
    }
}

TEST(UrlGuard, RefusesBothEndsOfEveryListedRange) {
    for (const auto& row : rows_of("ssrf-ranges.tsv")) {
        SCOPED_TRACE(row[0]);
        const std::string text = row[0].substr(0, row[0].find('/'));
        const auto bits = parse_unsigned(row[0].substr(row[0].find('/') + 1)).value_or(0);
        net::IpAddress last = address_of(text);
        const bool v4 = text.find(':') == std::string::npos;
        for (std::size_t bit = v4 ? bits + 96 : bits; bit < 128; ++bit) {
            last.bytes[bit / 8] |= static_cast<std::uint8_t>(0x80 >> (bit % 8));
        }
        if (embeds_v4(text)) continue;  // as addresses these are IPv4; as text they are refused
        EXPECT_TRUE(judge_address(address_of(text), {}));
        EXPECT_TRUE(judge_address(last, {}));
    }
}

// The first answer alone decides: an attempt asks once.
TEST(UrlGuard, RefusesTheWholeSetForOneBadAnswer) {
    GuardRules rules;
    for (const auto& row : rows_of("ssrf-dns.txt")) {
        ASSERT_GE(row.size(), 3U);
        SCOPED_TRACE(row[0]);
        if (row[1].starts_with('(')) continue;  // a moment of the resolver, not an answer
        const std::string first = row[1].substr(0, row[1].find('|'));
        std::vector<net::IpAddress> addresses;
        for (std::size_t at = 0; at < first.size();) {
            const std::size_t comma = std::min(first.find(',', at), first.size());
            addresses.push_back(address_of(first.substr(at, comma - at)));
            at = comma + 1;
        }
        EXPECT_EQ(judge_addresses(addresses, rules).has_value(), row[2] == "refuse");
    }
    EXPECT_EQ(judge_addresses({}, rules), GuardRefusal::name_not_found);
}

struct UrlCase {
    std::string name;
    std::string url;
    std::string verdict;
};

TEST(UrlGuard, NamesWhatIsWrongWithAUrl) {
    const std::vector<UrlCase> cases = {
        {"the longest URL", "https://example.com/" + std::string(2'028, 'a'), "allowed"},
        {"a longer one", "https://example.com/" + std::string(2'029, 'a'), "url_too_long"},
        {"a scheme in capitals", "HTTPS://EXAMPLE.com/", "allowed"},
        {"another scheme", "gopher://example.com/", "scheme_refused"},
        {"no scheme", "example.com/hook", "url_malformed"},
        {"one slash", "https:/example.com/", "url_malformed"},
        {"a fragment", "https://example.com/#x", "fragment"},
        {"an empty user", "https://@example.com/", "userinfo"},
        {"an @ in the path", "https://example.com/@x", "allowed"},
        {"a query without a path", "https://example.com?x=1", "allowed"},
        {"a broken escape", "https://example.com/%zz", "url_malformed"},
        {"raw UTF-8 in the path", "https://example.com/\u00e9", "url_malformed"},
        {"a NUL", std::string{"https://example.com/\0x", 22}, "url_malformed"},
        {"an empty port", "https://example.com:/", "url_malformed"},
        {"a signed port", "https://example.com:+443/", "url_malformed"},
        {"a port of six digits", "https://example.com:000443/", "url_malformed"},
        {"a padded port", "https://example.com:0443/", "port_refused"},
        {"80 with https", "https://example.com:80/", "port_refused"},
        {"a usual high port", "https://example.com:8080/", "allowed"},
        {"a database", "https://example.com:27018/", "port_refused"},
        {"a port below 1024", "https://example.com:1023/", "port_refused"},
        {"text behind the bracket", "https://[2606:4700::1]x/", "host_malformed"},
        {"brackets round IPv4", "https://[8.8.8.8]/", "host_malformed"},
        {"a mapped public address", "https://[::ffff:8.8.8.8]/", "address_private"},
        {"a quad inside IPv6", "https://[2606:4700::8.8.8.8]/", "address_private"},
        {"IPv6 without brackets", "https://2606:4700::1/", "host_malformed"},
        {"a public address", "https://8.8.8.8/", "allowed"},
        {"an address with a dot behind", "https://8.8.8.8./", "host_malformed"},
        {"a padded part", "https://08.8.8.8/", "host_malformed"},
        {"a numeric last label", "https://example.0/", "host_malformed"},
        {"two dots behind", "https://example.com../", "host_malformed"},
        {"an underscore", "https://a_b.example.com/", "host_malformed"},
        {"two hyphens within", "https://r3---sn-4g5e.example.com/", "allowed"},
        {"one label", "https://intranet/", "host_special"},
        {"a name below metadata", "https://a.metadata.goog/", "host_special"},
        {"metadata elsewhere", "https://metadata.example.com/", "allowed"},
        {"a special name behind IDN", "https://b\u00fccher.LOCAL/", "host_special"},
        {"a full-width letter", "https://\uff45xample.com/", "host_malformed"},
        {"one folded label of two", "https://b\u00fccher.\uff45xample.com/", "host_malformed"},
        {"an ideographic dot alone", "https://example\u3002com/", "host_malformed"},
        {"sharp s", "https://stra\u00dfe.example.com/", "allowed"},
        {"punycode of ASCII", "https://xn--localhost-.example.com/", "host_malformed"},
        {"punycode not canonical", "https://xn--a.example.com/", "host_malformed"},
        {"a symbol outside IDNA", "https://\u2764.example.com/", "host_malformed"},
        {"invalid UTF-8", "https://\xff.example.com/", "host_malformed"},
        {"a percent in the host", "https://ex%61mple.com/", "host_malformed"},
    };
    for (const UrlCase& test_case : cases) {
        SCOPED_TRACE(test_case.name);
        EXPECT_EQ(verdict_on_url(test_case.url, open_rules()), test_case.verdict);
    }
}

TEST(UrlGuard, IsStrictUnlessToldOtherwise) {
    EXPECT_EQ(verdict_on_url("http://example.com/", {}), "scheme_refused");
    EXPECT_EQ(verdict_on_url("https://example.com:8080/", {}), "port_refused");
    EXPECT_EQ(verdict_on_url("https://example.com:8443/", {}), "allowed");
    EXPECT_EQ(verdict_on_url("http://localhost:3000/", open_rules()), "host_special");
    EXPECT_EQ(verdict_on_url("http://127.0.0.1:3000/", open_rules()), "address_private");
}

TEST(UrlGuard, OpensLoopbackAsAWhole) {
    const GuardRules rules{
        .loopback = GuardRules::Loopback::allowed, .own = list_of({"127.0.0.1"})};
    EXPECT_EQ(verdict_on_url("http://127.0.0.1:3000/", rules), "allowed");
    EXPECT_EQ(verdict_on_url("http://[::1]:3000/", rules), "allowed");
    EXPECT_EQ(verdict_on_url("http://localhost:3000/", rules), "allowed");
    EXPECT_EQ(verdict_on_url("http://localhost:5432/", rules), "port_refused");
    EXPECT_EQ(verdict_on_url("http://0.0.0.0:3000/", rules), "address_private");
    EXPECT_EQ(verdict_on_url("http://a.localhost:3000/", rules), "host_special");
    EXPECT_EQ(verdict_on_url("http://example.com/", rules), "scheme_refused");
    EXPECT_EQ(verdict_on_url("https://10.0.0.1/", rules), "address_private");
}

TEST(UrlGuard, LetsTheDenyListWinOverEverything) {
    const GuardRules rules{
        .loopback = GuardRules::Loopback::allowed,
        .allowed = list_of({"10.1.0.0/16"}),
        .denied = list_of({"10.1.2.0/24", "8.8.8.8", "127.0.0.2"}),
        .own = list_of({"93.184.215.14", "10.1.0.1"}),
    };
    EXPECT_EQ(verdict_on_ip("10.1.3.4", rules), "allowed");
    EXPECT_EQ(verdict_on_ip("10.2.3.4", rules), "address_private");
    EXPECT_EQ(verdict_on_ip("10.1.2.4", rules), "address_denied");
    EXPECT_EQ(verdict_on_ip("8.8.8.8", rules), "address_denied");
    EXPECT_EQ(verdict_on_ip("127.0.0.2", rules), "address_denied");
    EXPECT_EQ(verdict_on_ip("93.184.215.14", rules), "address_own");
    EXPECT_EQ(verdict_on_ip("10.1.0.1", rules), "allowed");
    EXPECT_EQ(verdict_on_ip("fd00:ec2::254", rules), "address_private");
}

TEST(UrlGuard, KeepsOneFormOfADestination) {
    const auto plain = parse_destination("HTTPS://Example.COM.:443?a=b", open_rules());
    ASSERT_TRUE(plain.has_value());
    EXPECT_EQ(
        *plain, (Destination{.host = "example.com", .target = "/?a=b", .host_field = "example.com"})
    );
    EXPECT_EQ(plain->origin(), "https://example.com:443");

    const auto numeric = parse_destination("http://[2606:4700:0:0::1111]:8080/x", open_rules());
    ASSERT_TRUE(numeric.has_value());
    EXPECT_EQ(numeric->host, "2606:4700::1111");
    EXPECT_EQ(numeric->address, net::parse_ip_address("2606:4700::1111"));
    EXPECT_EQ(numeric->host_field, "[2606:4700::1111]:8080");
    EXPECT_EQ(numeric->origin(), "http://[2606:4700::1111]:8080");

    const auto foreign = parse_destination("https://B\u00dcCHER.example.com/x", open_rules());
    ASSERT_TRUE(foreign.has_value());
    EXPECT_EQ(foreign->host, "xn--bcher-kva.example.com");
}

// Whoever registers a name must not learn whether, or to what, it resolves here.
TEST(UrlGuard, GivesOneSentenceForEverythingThatResolvingShows) {
    const std::string sentence = explain(GuardRefusal::address_private);
    EXPECT_TRUE(sentence.starts_with("destination not allowed: "));
    for (const GuardRefusal refusal :
         {GuardRefusal::address_denied, GuardRefusal::address_own, GuardRefusal::name_not_found}) {
        EXPECT_EQ(explain(refusal), sentence);
    }
    EXPECT_NE(explain(GuardRefusal::port_refused), sentence);
}

}  // namespace
}  // namespace postern::dispatch
