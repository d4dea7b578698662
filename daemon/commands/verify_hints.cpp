#include "daemon/commands/verify_hints.hpp"

#include "core/numbers.hpp"

#include <set>

namespace postern::daemon::commands {
namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
constexpr std::size_t kSecondsDigits = 10;
constexpr std::size_t kMillisecondsDigits = 13;

struct Variant {
    std::string body;
    std::string_view meaning;
};

std::string replace_all(std::string text, std::string_view from, std::string_view to) {
    for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
        text.replace(at, from.size(), to);
    }
    return text;
}

std::string without_line_ends(std::string text) {
    while (text.ends_with('\n') || text.ends_with('\r')) text.pop_back();
    return text;
}

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view white = " \t\r\n";
    const auto first = text.find_first_not_of(white);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(white) - first + 1);
}

struct Spacing {
    std::string_view after_colon;
    std::string_view after_comma;
};

// JSON written again with other white space between its tokens; everything else stays.
std::string respaced(std::string_view json, Spacing spacing) {
    std::string text;
    bool in_string = false;
    for (std::size_t i = 0; i < json.size(); ++i) {
        const char c = json[i];
        if (in_string) {
            text += c;
            if (c == '\\' && i + 1 < json.size()) text += json[++i];
            if (c == '"') in_string = false;
            continue;
        }
        if (c == ' ' || c == '\t' || c == '\r' || c == '\n') continue;
        text += c;
        if (c == '"') in_string = true;
        if (c == ':') text += spacing.after_colon;
        if (c == ',') text += spacing.after_comma;
    }
    return text;
}

std::vector<Variant> variants_of(const std::string& body) {
    std::vector<Variant> variants = {
        {without_line_ends(body), "without the line end at its end: whoever saved it added one"},
        {body + "\n", "with a line end at its end: whoever saved it dropped one"},
        {body + "\r\n", "with CR LF at its end: whoever saved it dropped it"},
        {std::string{trimmed(body)}, "without the white space around it"},
        {replace_all(body, "\r\n", "\n"), "with LF for CR LF: line ends were changed on the way"},
        {replace_all(replace_all(body, "\r\n", "\n"), "\n", "\r\n"),
         "with CR LF for LF: line ends were changed on the way"},
        {respaced(body, {}), "as compact JSON: it was parsed and printed again on the way"},
        {respaced(body, {" ", " "}),
         "as JSON with a space after each colon and comma: it was parsed and printed again"},
        {replace_all(body, "\\/", "/"), "with / for \\/: it was parsed and printed again"},
        {replace_all(body, "/", "\\/"), "with \\/ for /: it was parsed and printed again"},
    };
    if (body.starts_with(kByteOrderMark)) {
        variants.push_back(
            {body.substr(kByteOrderMark.size()), "without its byte order mark: an editor added it"}
        );
    }
    return variants;
}

bool verifies(
    const verifiers::Provider& provider,
    const JudgedRequest& judged,
    const std::string& body
) {
    const HttpFields fields = judged.request.fields();
    return provider
        .verify({
            .method = judged.request.method,
            .path = judged.request.path,
            .query = judged.request.query,
            .fields = fields,
            .body = body,
            .received_at = judged.now,
            .fetched = judged.fetched,
        })
        .has_value();
}

// Moments named in the headers, in seconds or milliseconds.
std::set<TimePoint> moments_in(const ReceivedRequest& request) {
    std::set<TimePoint> moments;
    for (const auto& [name, value] : request.headers) {
        for (std::size_t i = 0; i < value.size();) {
            const auto end = value.find_first_not_of("0123456789", i);
            const std::string_view digits = std::string_view{value}.substr(i, end - i);
            const auto number = parse_integer(digits);
            if (number && digits.size() == kSecondsDigits) {
                moments.insert(from_unix_seconds(*number));
            }
            if (number && digits.size() == kMillisecondsDigits) {
                moments.insert(from_unix_milliseconds(*number));
            }
            i = end == std::string::npos ? value.size() : std::max(end, i) + 1;
        }
    }
    return moments;
}

// The first moment at which this body would have been right: now, or one that the headers name.
std::optional<TimePoint> right_at(
    const verifiers::Provider& provider,
    const JudgedRequest& judged,
    const std::string& body
) {
    if (verifies(provider, judged, body)) return judged.now;
    for (const TimePoint moment : moments_in(judged.request)) {
        if (verifies(provider, {judged.request, moment, judged.fetched}, body)) return moment;
    }
    return std::nullopt;
}

void hint_at_body(
    const JudgedRequest& judged,
    const verifiers::Provider& provider,
    std::vector<std::string>& hints
) {
    std::set<std::string> tried = {judged.request.body};
    for (const Variant& variant : variants_of(judged.request.body)) {
        if (!tried.insert(variant.body).second) continue;
        const auto moment = right_at(provider, judged, variant.body);
        if (!moment) continue;
        std::string hint = "the signature matches the body ";
        hint += variant.meaning;
        if (*moment != judged.now) hint += "; besides, it was made at " + to_iso8601(*moment);
        hints.push_back(std::move(hint));
    }
}

void hint_at_time(
    const JudgedRequest& judged,
    const verifiers::Provider& provider,
    std::vector<std::string>& hints
) {
    for (const TimePoint moment : moments_in(judged.request)) {
        const JudgedRequest then{judged.request, moment, judged.fetched};
        if (!verifies(provider, then, judged.request.body)) continue;
        const auto age = std::chrono::floor<std::chrono::seconds>(judged.now - moment).count();
        std::string hint = "it was right at ";
        hint += to_iso8601(moment);
        hint += ", ";
        hint += std::to_string(age < 0 ? -age : age);
        hint += age < 0 ? " s after" : " s before";
        hint += " the time it is judged at: give that time with --now, or compare the clocks";
        hints.push_back(std::move(hint));
        return;
    }
}

std::vector<std::string> url_variants(const std::string& url) {
    std::vector<std::string> variants;
    variants.push_back(url.ends_with('/') ? url.substr(0, url.size() - 1) : url + "/");
    if (url.starts_with("https://")) variants.push_back("http://" + url.substr(8));
    if (url.starts_with("http://")) variants.push_back("https://" + url.substr(7));
    return variants;
}

void hint_at_url(
    const JudgedRequest& judged,
    const ResolvedGateway& gateway,
    std::vector<std::string>& hints
) {
    const auto found = gateway.gateway.settings.find("notification_url");
    if (found == gateway.gateway.settings.end()) return;
    const auto* url = std::get_if<std::string>(&found->second.value);
    if (url == nullptr) return;
    for (const std::string& variant : url_variants(*url)) {
        SettingTable settings = gateway.gateway.settings;
        settings.insert_or_assign("notification_url", SettingValue{variant});
        const auto provider = gateway.kind->make(settings);
        if (!provider || !verifies(**provider, judged, judged.request.body)) continue;
        hints.push_back("it was signed for " + variant + ", but notification_url is " + *url);
    }
}

void hint_at_gateway(
    const JudgedRequest& judged,
    const ResolvedGateway& gateway,
    std::span<const ResolvedGateway> others,
    std::vector<std::string>& hints
) {
    for (const ResolvedGateway& other : others) {
        if (other.gateway.id == gateway.gateway.id) continue;
        if (!verifies(*other.provider, judged, judged.request.body)) continue;
        hints.push_back("it is right for gateway \"" + other.gateway.id + "\"");
    }
}

}  // namespace

std::vector<std::string> hints_for(
    const JudgedRequest& judged,
    const ResolvedGateway& gateway,
    std::span<const ResolvedGateway> others
) {
    std::vector<std::string> hints;
    hint_at_body(judged, *gateway.provider, hints);
    hint_at_time(judged, *gateway.provider, hints);
    hint_at_url(judged, gateway, hints);
    hint_at_gateway(judged, gateway, others, hints);
    return hints;
}

}  // namespace postern::daemon::commands
