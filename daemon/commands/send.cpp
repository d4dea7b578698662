#include "daemon/commands/send.hpp"

#include "core/bytes.hpp"
#include "core/crypto.hpp"
#include "core/json_writer.hpp"
#include "core/money.hpp"

#include <algorithm>
#include <array>
#include <set>

namespace postern::daemon::commands {
namespace {

constexpr std::size_t kUniqueBytes = 12;
constexpr std::int64_t kDefaultMinorUnits = 1099;

std::string unique_digits() {
    return to_hex(random_bytes(kUniqueBytes));
}

std::string sentence(std::string_view subject, std::string_view rest) {
    std::string text{subject};
    text += rest;
    return text;
}

std::set<std::string, std::less<>> event_type_names() {
    std::set<std::string, std::less<>> names;
    for (const EventType type : all_event_types()) names.emplace(to_text(type));
    return names;
}

std::vector<EventType> expressible(const verifiers::ProviderKind& kind, TimePoint now) {
    const SettingTable settings = kind.sandbox_settings();
    std::vector<EventType> types;
    for (const EventType type : all_event_types()) {
        const verifiers::SampleWish wish{.type = type, .unique = unique_digits(), .now = now};
        if (kind.sample(settings, wish)) types.push_back(type);
    }
    return types;
}

std::string names_of(std::span<const EventType> types) {
    std::string text;
    for (const EventType type : types) {
        if (!text.empty()) text += ' ';
        text += to_text(type);
    }
    return text;
}

// The ids that the receiver will find in the webhook.
std::string event_ids(const ResolvedGateway& gateway, const verifiers::SampleWebhook& webhook) {
    HttpFields fields;
    for (const auto& [name, value] : webhook.headers) fields.add({name, value});
    const verifiers::SignedRequest request{
        .method = webhook.method, .query = webhook.query, .fields = fields, .body = webhook.body};
    const auto normalised = gateway.provider->normalise(request);
    std::string ids;
    if (!normalised) return ids;
    for (const ProviderEvent& event : normalised->events) {
        if (!ids.empty()) ids += ' ';
        ids += event.id;
    }
    return ids;
}

std::string with_query(std::string target, std::string_view query) {
    if (query.empty()) return target;
    target += target.find('?') == std::string::npos ? '?' : '&';
    target += query;
    return target;
}

std::string report(std::string_view ids, const PostReply& reply) {
    constexpr std::array<std::string_view, 2> shown_fields = {"x-request-id", "retry-after"};
    std::string text{"event   "};
    text += printable(ids);
    text += "\nstatus  ";
    text += std::to_string(reply.status);
    text += ' ';
    text += reason_phrase(reply.status);
    for (const auto& [name, value] : reply.headers) {
        const std::string lower = to_lower(name);
        if (std::find(shown_fields.begin(), shown_fields.end(), lower) == shown_fields.end()) {
            continue;
        }
        text += "\n        " + lower + ": " + printable(value);
    }
    text += "\nbody    ";
    text += reply.body.empty() ? "(empty)" : printable(reply.body);
    text += '\n';
    return text;
}

// A line for each webhook, so that many can be read as they come.
std::string report_json(std::string_view ids, const PostReply& reply) {
    std::string json;
    JsonWriter writer{json};
    writer.begin_object();
    writer.member("event", ids);
    writer.member_integer("status", reply.status);
    writer.member("body", reply.body);
    writer.end_object();
    json += '\n';
    return json;
}

bool is_success(int status) {
    return status >= 200 && status < 300;
}

enum class Outcome { accepted, refused, unsent };

Outcome send_one(
    const ResolvedGateway& gateway,
    const verifiers::SampleWish& wish,
    const SendTarget& target,
    Output output
) {
    auto webhook = make_webhook(gateway, wish);
    if (!webhook) {
        complain(webhook.error());
        return Outcome::unsent;
    }
    const std::string ids = event_ids(gateway, *webhook);
    PostRequest request{
        .url = target.url,
        .method = webhook->method,
        .headers = std::move(webhook->headers),
        .body = std::move(webhook->body),
        .trusted_certificate = target.trusted_certificate};
    request.url.target = with_query(std::move(request.url.target), webhook->query);
    const auto reply = http_post(request);
    if (!reply) {
        complain(reply.error());
        return Outcome::unsent;
    }
    print(output == Output::json ? report_json(ids, *reply) : report(ids, *reply));
    return is_success(reply->status) ? Outcome::accepted : Outcome::refused;
}

// An address that stands for all of a machine's is no address to connect to.
std::string connectable(std::string_view host) {
    if (host == "0.0.0.0") return "127.0.0.1";
    if (host == "::") return "::1";
    return std::string{host};
}

}  // namespace

Result<verifiers::SampleWish, Complaint> wish_of(const SendOptions& options) {
    const auto type = event_type_from_text(options.event_type);
    if (!type) {
        std::string message = sentence("no event type is called ", printable(options.event_type));
        if (const auto likely = closest(options.event_type, event_type_names())) {
            message += "; did you mean " + *likely + "?";
        }
        return Complaint{std::move(message)};
    }
    if (!is_currency_code(options.currency)) {
        return Complaint{"--currency must be three letters, like USD"};
    }
    const std::string currency = upper_case(options.currency);
    const auto amount =
        options.amount.empty()
            ? decimal_from_minor(kDefaultMinorUnits, iso_exponent(currency), currency)
            : decimal_amount(options.amount, currency);
    const auto minor = amount ? minor_units(*amount, currency) : std::nullopt;
    if (!minor || *minor < 0) {
        std::string message = "--amount must be a decimal number with at most ";
        message += std::to_string(iso_exponent(currency));
        message += " decimals in " + currency;
        return Complaint{std::move(message)};
    }
    return verifiers::SampleWish{.type = *type, .amount = *amount, .currency = currency};
}

Result<verifiers::SampleWebhook, Complaint>
make_webhook(const ResolvedGateway& gateway, const verifiers::SampleWish& wish) {
    if (auto webhook = gateway.kind->sample(gateway.gateway.settings, wish)) {
        return std::move(*webhook);
    }
    const auto types = expressible(*gateway.kind, wish.now);
    std::string message{gateway.kind->display_name};
    if (std::find(types.begin(), types.end(), wish.type) != types.end()) {
        message += " can say this, but gateway \"";
        message += gateway.gateway.id;
        message += "\" has no key to sign it with: only the provider has one";
        return Complaint{std::move(message)};
    }
    message += " has no webhook for ";
    message += to_text(wish.type);
    message += "; it can send: ";
    message += names_of(types);
    return Complaint{std::move(message)};
}

Result<SendTarget, Complaint>
send_target(const config::Config& config, std::string_view gateway_id, std::string_view to) {
    const std::string path = "/api/v2/webhooks/" + std::string{gateway_id};
    if (!to.empty()) {
        auto url = parse_http_url(to);
        if (!url) return Complaint{"--to must be a URL like http://127.0.0.1:8080"};
        if (url->target == "/") url->target = path;
        return SendTarget{.url = std::move(*url)};
    }
    if (config.listen.port == 0) {
        return Complaint{"the system chose the listener's port; say where to send with --to URL"};
    }
    const bool speaks_tls = config.tls.enabled() && !config.tls.listen;
    SendTarget target{
        .url = {
            .scheme = speaks_tls ? UrlScheme::https : UrlScheme::http,
            .host = connectable(config.listen.host),
            .port = std::to_string(config.listen.port),
            .target = path}};
    if (speaks_tls) target.trusted_certificate = config.tls.certificate_file;
    return target;
}

std::string list_of_samples(std::span<const verifiers::ProviderKind> kinds, TimePoint now) {
    std::string text;
    for (const verifiers::ProviderKind& kind : kinds) {
        text += kind.name;
        text += "  (";
        text += kind.display_name;
        text += ")\n";
        for (const EventType type : expressible(kind, now)) {
            text += "    ";
            text += to_text(type);
            text += '\n';
        }
    }
    return text;
}

std::string samples_json(std::span<const verifiers::ProviderKind> kinds, TimePoint now) {
    std::string json;
    JsonWriter writer{json};
    writer.begin_array();
    for (const verifiers::ProviderKind& kind : kinds) {
        writer.begin_object();
        writer.member("kind", kind.name);
        writer.member("display_name", kind.display_name);
        writer.key("event_types");
        writer.begin_array();
        for (const EventType type : expressible(kind, now)) writer.string(to_text(type));
        writer.end_array();
        writer.end_object();
    }
    writer.end_array();
    json += '\n';
    return json;
}

int run_send(const SendOptions& options, const Clock& clock) {
    const auto config = load_config(options.config);
    if (!config) return complain_of_all(config.error());
    auto wish = wish_of(options);
    if (!wish) return complain(wish.error());
    const auto gateway = find_gateway(
        *config,
        options.gateway,
        {.data_dir = config->data_dir,
         .kinds = verifiers::provider_kinds(),
         .missing = MissingSecrets::refuse}
    );
    if (!gateway) return complain(gateway.error());
    if (gateway->gateway.mode == config::Mode::live && !options.live) {
        complain(
            {"this gateway is live: the daemon would take the event for real money; "
             "add --live if that is what you want"}
        );
        return kExitFailed;
    }
    const auto target = send_target(*config, options.gateway, options.to);
    if (!target) return complain(target.error());
    bool all_accepted = true;
    for (std::int64_t sent = 0; sent < options.count; ++sent) {
        wish->unique = unique_digits();
        wish->now = clock.now();
        const Outcome outcome = send_one(*gateway, *wish, *target, options.output);
        if (outcome == Outcome::unsent) return kExitFailed;
        all_accepted = all_accepted && outcome == Outcome::accepted;
    }
    return all_accepted ? kExitFine : kExitFailed;
}

int run_send_list(const SendOptions& options, const Clock& clock) {
    const auto kinds = verifiers::provider_kinds();
    const bool json = options.output == Output::json;
    print(json ? samples_json(kinds, clock.now()) : list_of_samples(kinds, clock.now()));
    return kExitFine;
}

}  // namespace postern::daemon::commands
