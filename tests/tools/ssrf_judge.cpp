// Lines {"kind":"ip"|"url","value":"…"} in, `allow` or `deny REASON` out, a line each: what the
// guard makes of a destination with http and high ports open. Names count as public ones.
#include "core/json_document.hpp"
#include "dispatch/url_guard.hpp"

#include <array>
#include <cstdio>
#include <string>

namespace postern::dispatch {
namespace {

constexpr std::size_t kLineBytesMax = 1'000'000;

GuardRules judged_rules() {
    return {.http = GuardRules::Http::allowed, .ports = GuardRules::Ports::high};
}

std::string denied(std::string_view reason) {
    std::string answer = "deny ";
    answer += reason;
    return answer;
}

// IPv4 is held as IPv4-mapped, so only the text tells an address that embeds one.
std::string judge_ip(std::string_view text, const GuardRules& rules) {
    const auto address = net::parse_ip_address(text);
    if (!address) return denied("address_malformed");
    const bool embedded = address->is_v4() && text.find(':') != std::string_view::npos;
    if (embedded) return denied(to_text(GuardRefusal::address_private));
    const auto refusal = judge_address(*address, rules);
    return refusal ? denied(to_text(*refusal)) : "allow";
}

std::string judge_url(std::string_view text, const GuardRules& rules) {
    const auto destination = parse_destination(text, rules);
    return destination ? "allow" : denied(to_text(destination.error()));
}

std::string judge_line(std::string_view line, const GuardRules& rules) {
    const auto document = JsonDocument::parse(line);
    if (!document || !document->root().is_object()) return denied("malformed");
    const JsonValue value = document->root()["value"];
    const std::string_view kind = document->root()["kind"].string();
    if (!value.is_string()) return denied("malformed");
    if (kind == "ip") return judge_ip(value.string(), rules);
    if (kind == "url") return judge_url(value.string(), rules);
    return denied("malformed");
}

enum class Read { line, end };

// What is beyond the limit is read and dropped: such a line is answered as malformed.
Read read_line(std::string& line) {
    line.clear();
    int c = std::getchar();
    if (c == EOF) return Read::end;
    for (; c != EOF && c != '\n'; c = std::getchar()) {
        if (line.size() < kLineBytesMax) line += static_cast<char>(c);
    }
    if (line.ends_with('\r')) line.pop_back();
    return Read::line;
}

int run() {
    const GuardRules rules = judged_rules();
    std::string line;
    while (read_line(line) == Read::line) {
        std::string answer = judge_line(line, rules);
        answer += '\n';
        std::fwrite(answer.data(), 1, answer.size(), stdout);
        if (std::fflush(stdout) != 0) return 1;
    }
    return 0;
}

}  // namespace
}  // namespace postern::dispatch

int main() {
    return postern::dispatch::run();
}
