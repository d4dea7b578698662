#include "dispatch/endpoint_settings_reader.hpp"

#include "core/crypto.hpp"
#include "core/settings.hpp"
#include "dispatch/event_type_names.hpp"

#include <algorithm>
#include <set>

namespace postern::dispatch {
namespace {

constexpr RetryPolicyLimits kRetryLimits;
constexpr std::size_t kChannelBytesMax = 128;

// Of an endpoint, but not settings.
constexpr std::string_view kFieldsOfTheCaller[] = {"url", "status", "uid", "secret", "client_key"};

template <auto Member>
void give_default(EndpointSettings& settings) {
    static const EndpointSettings kDefaults;
    settings.*Member = kDefaults.*Member;
}

std::string join(std::string_view place, std::string_view step) {
    std::string joined{place};
    joined += '.';
    joined += step;
    return joined;
}

std::string at_most(std::size_t limit, std::string_view what) {
    std::string text = "must hold at most ";
    text += std::to_string(limit);
    text += ' ';
    text += what;
    return text;
}

bool holds_control_characters(std::string_view text) {
    return std::any_of(text.begin(), text.end(), [](char c) {
        return (c >= 0 && c < ' ' && c != '\n' && c != '\t') || c == '\x7f';
    });
}

bool is_channel(std::string_view text) {
    return !text.empty() && text.size() <= kChannelBytesMax
           && std::all_of(text.begin(), text.end(), [](char c) {
                  return c == ':' || is_event_type_text({&c, 1});
              });
}

}  // namespace

struct EndpointSettingsReader::Field {
    std::string_view name;
    void (EndpointSettingsReader::*read)(const JsonMember&);
    void (*reset)(EndpointSettings&);
};

const std::vector<EndpointSettingsReader::Field>& EndpointSettingsReader::fields() {
    using Settings = EndpointSettings;
    using Reader = EndpointSettingsReader;
    static const std::vector<Field> kFields = {
        {"description", &Reader::read_description, give_default<&Settings::description>},
        {"event_types", &Reader::read_event_types, give_default<&Settings::event_types>},
        {"channels", &Reader::read_channels, give_default<&Settings::channels>},
        {"filter", &Reader::read_filter, give_default<&Settings::filter>},
        {"format", &Reader::read_format, give_default<&Settings::format>},
        {"payload", &Reader::read_payload, give_default<&Settings::payload>},
        {"ordering", &Reader::read_ordering, give_default<&Settings::ordering>},
        {"deliver", &Reader::read_deliver, give_default<&Settings::deliver>},
        {"retry", &Reader::read_retry, give_default<&Settings::retry>},
        {"retry_by_type", &Reader::read_retry_by_type, give_default<&Settings::retry_by_type>},
        {"timeout_seconds", &Reader::read_timeout, give_default<&Settings::timeout>},
        {"max_hold_seconds", &Reader::read_max_hold, give_default<&Settings::max_hold>},
        {"rate_per_second", &Reader::read_rate, give_default<&Settings::rate_per_second>},
        {"in_flight_max", &Reader::read_in_flight, give_default<&Settings::in_flight_max>},
        {"headers", &Reader::read_headers, give_default<&Settings::headers>},
        {"metadata", &Reader::read_metadata, give_default<&Settings::metadata>},
        {"signing", &Reader::read_signing, give_default<&Settings::signing>},
        {"ca_certificates", &Reader::read_ca_certificates, give_default<&Settings::ca_pem>},
        {"client_certificate",
         &Reader::read_client_certificate,
         give_default<&Settings::client_certificate_pem>},
        {"api_version", &Reader::read_api_version, give_default<&Settings::api_version>},
    };
    return kFields;
}

void EndpointSettingsReader::read(JsonValue object) {
    for (const JsonMember& member : object.members()) read_member(member);
}

void EndpointSettingsReader::read_member(const JsonMember& member) {
    const auto has_name = [&member](const Field& field) {
        return field.name == member.key;
    };
    const auto field = std::find_if(fields().begin(), fields().end(), has_name);
    if (field == fields().end()) return complain_unknown(member.key);
    if (member.value.is_null()) return field->reset(settings_);
    (this->*field->read)(member);
}

void EndpointSettingsReader::complain(std::string_view field, std::string_view message) {
    complaints_.push_back({std::string{field}, std::string{message}});
}

void EndpointSettingsReader::complain_unknown(std::string_view field) {
    std::set<std::string, std::less<>> known;
    for (const std::string_view name : kFieldsOfTheCaller) known.emplace(name);
    if (known.contains(field)) return;
    for (const Field& candidate : fields()) known.emplace(candidate.name);
    std::string message = "is not a field of an endpoint";
    if (const auto likely = closest(field, known)) {
        message += "; did you mean ";
        message += *likely;
        message += '?';
    }
    complain(field, message);
}

std::int64_t EndpointSettingsReader::read_integer(
    const JsonMember& member,
    Bounds bounds,
    std::int64_t otherwise
) {
    const auto value = member.value.integer();
    if (value && *value >= bounds.min && *value <= bounds.max) return *value;
    std::string message = "must be a whole number from ";
    message += std::to_string(bounds.min);
    message += " to ";
    message += std::to_string(bounds.max);
    complain(member.key, message);
    return otherwise;
}

std::chrono::seconds EndpointSettingsReader::read_seconds(const JsonMember& member, Bounds bounds) {
    return std::chrono::seconds{read_integer(member, bounds, bounds.min)};
}

std::string EndpointSettingsReader::read_text(const JsonMember& member, std::size_t bytes_max) {
    if (!member.value.is_string()) {
        complain(member.key, "must be a text");
    } else if (member.value.string().size() > bytes_max) {
        complain(member.key, at_most(bytes_max, "bytes"));
    } else if (holds_control_characters(member.value.string())) {
        complain(member.key, "must not hold control characters");
    } else {
        return std::string{member.value.string()};
    }
    return {};
}

template <class Choice, std::size_t N>
void EndpointSettingsReader::read_choice(
    const JsonMember& member,
    const Named<Choice> (&choices)[N],
    Choice& target
) {
    std::string message = "must be one of";
    for (const Named<Choice>& choice : choices) {
        if (choice.name == member.value.string()) {
            target = choice.value;
            return;
        }
        message += ' ';
        message += choice.name;
    }
    complain(member.key, message);
}

void EndpointSettingsReader::read_description(const JsonMember& member) {
    settings_.description = read_text(member, limits_.description_bytes_max);
}

void EndpointSettingsReader::check_event_type(std::string_view place, std::string_view type) {
    if (source_ == Source::store) return;
    if (const auto complaint = complaint_about_subscription(type)) complain(place, *complaint);
}

void EndpointSettingsReader::read_event_types(const JsonMember& member) {
    const auto items = member.value.items();
    if (items.empty() || items.size() > limits_.event_types_max) {
        return complain(
            member.key, R"(must be a list of 1 to 100 event types; ["*"] stands for all of them)"
        );
    }
    settings_.event_types.clear();
    for (std::size_t i = 0; i < items.size(); ++i) {
        const std::string_view type = items[i].string();
        check_event_type(join(member.key, std::to_string(i)), type);
        auto& types = settings_.event_types;
        if (std::find(types.begin(), types.end(), type) == types.end()) types.emplace_back(type);
    }
}

void EndpointSettingsReader::read_channels(const JsonMember& member) {
    const auto items = member.value.items();
    if (!member.value.is_array() || items.size() > limits_.channels_max) {
        return complain(member.key, at_most(limits_.channels_max, "names, in a list"));
    }
    settings_.channels.clear();
    for (std::size_t i = 0; i < items.size(); ++i) {
        const std::string_view channel = items[i].string();
        if (!is_channel(channel)) {
            complain(
                join(member.key, std::to_string(i)),
                "must be 1 to 128 letters, digits, or any of _ . - :"
            );
        }
        settings_.channels.emplace_back(channel);
    }
}

void EndpointSettingsReader::read_filter(const JsonMember& member) {
    auto filter = EventFilter::read(member.value);
    if (filter) {
        settings_.filter = std::move(*filter);
        return;
    }
    const std::string& where = filter.error().where;
    const std::string place = where.empty() ? std::string{member.key} : join(member.key, where);
    complain(place, filter.error().message);
}

void EndpointSettingsReader::read_format(const JsonMember& member) {
    constexpr Named<PayloadFormat> kChoices[] = {
        {"unified", PayloadFormat::unified}, {"stripe", PayloadFormat::stripe}};
    read_choice(member, kChoices, settings_.format);
}

void EndpointSettingsReader::read_payload(const JsonMember& member) {
    constexpr Named<PayloadSize> kChoices[] = {
        {"full", PayloadSize::full}, {"thin", PayloadSize::thin}};
    read_choice(member, kChoices, settings_.payload);
}

void EndpointSettingsReader::read_ordering(const JsonMember& member) {
    constexpr Named<Ordering> kChoices[] = {
        {"none", Ordering::none}, {"payment", Ordering::payment}};
    read_choice(member, kChoices, settings_.ordering);
}

void EndpointSettingsReader::read_deliver(const JsonMember& member) {
    constexpr Named<Deliver> kChoices[] = {{"all", Deliver::all}, {"latest", Deliver::latest}};
    read_choice(member, kChoices, settings_.deliver);
}

void EndpointSettingsReader::read_signing(const JsonMember& member) {
    using Signing = EndpointSettings::Signing;
    constexpr Named<Signing> kChoices[] = {
        {"hmac", Signing::hmac}, {"hmac_and_ed25519", Signing::hmac_and_ed25519}};
    read_choice(member, kChoices, settings_.signing);
}

void EndpointSettingsReader::read_retry(const JsonMember& member) {
    settings_.retry = read_policy(member.value, std::string{member.key});
}

RetryPolicy EndpointSettingsReader::read_policy(JsonValue value, const std::string& place) {
    RetryPolicy policy;
    if (!value.is_object()) complain(place, "must be an object");
    for (const JsonMember& member : value.members()) {
        const std::string where = join(place, member.key);
        if (member.key == "schedule") {
            if (!member.value.is_null()) read_delays(member.value, where, policy);
        } else if (member.key == "maximum_age_seconds") {
            if (member.value.is_null()) continue;
            policy.maximum_age =
                read_seconds({where, member.value}, {1, kRetryLimits.age_max.count()});
        } else {
            complain(where, "is none of schedule, maximum_age_seconds");
        }
    }
    return policy;
}

void EndpointSettingsReader::read_delays(
    JsonValue list,
    const std::string& place,
    RetryPolicy& policy
) {
    const auto items = list.items();
    if (items.empty() || items.size() > kRetryLimits.attempts_max) {
        return complain(place, "must be a list of 1 to 30 delays in seconds, the first one first");
    }
    policy.delays.clear();
    for (std::size_t i = 0; i < items.size(); ++i) {
        const std::string where = join(place, std::to_string(i));
        policy.delays.push_back(read_seconds({where, items[i]}, {0, kRetryLimits.delay_max.count()})
        );
    }
}

void EndpointSettingsReader::read_retry_by_type(const JsonMember& member) {
    if (!member.value.is_object() || member.value.size() > limits_.event_types_max) {
        return complain(member.key, "must be an object with at most 100 event types");
    }
    settings_.retry_by_type.clear();
    for (const JsonMember& entry : member.value.members()) {
        const std::string place = join(member.key, entry.key);
        if (!is_event_type_text(entry.key)) {
            complain(place, "must be an exact event type like payment.succeeded");
        } else {
            check_event_type(place, entry.key);
        }
        settings_.retry_by_type.insert_or_assign(
            std::string{entry.key}, read_policy(entry.value, place)
        );
    }
}

void EndpointSettingsReader::read_timeout(const JsonMember& member) {
    settings_.timeout = read_seconds(member, {1, 30});
}

void EndpointSettingsReader::read_max_hold(const JsonMember& member) {
    settings_.max_hold = read_seconds(member, {1, 86'400});
}

void EndpointSettingsReader::read_rate(const JsonMember& member) {
    settings_.rate_per_second = read_integer(member, {0, 10'000}, 0);
}

void EndpointSettingsReader::read_in_flight(const JsonMember& member) {
    settings_.in_flight_max = read_integer(member, {1, 1'000}, 1);
}

void EndpointSettingsReader::read_headers(const JsonMember& member) {
    if (!member.value.is_object() || member.value.size() > limits_.headers_max) {
        return complain(member.key, "must be an object with at most 20 names and their values");
    }
    settings_.headers.clear();
    std::size_t bytes = 0;
    for (const JsonMember& header : member.value.members()) {
        const std::string place = join(member.key, header.key);
        if (!header.value.is_string()) {
            complain(place, "must be a text");
            continue;
        }
        bytes += header.key.size() + header.value.string().size();
        check_header({header.key, header.value.string()});
        settings_.headers.emplace_back(header.key, header.value.string());
    }
    if (bytes > limits_.headers_bytes_max) {
        complain(member.key, at_most(limits_.headers_bytes_max, "bytes in all"));
    }
}

void EndpointSettingsReader::check_header(const HttpField& header) {
    const std::string place = join("headers", header.name);
    if (const auto complaint = complaint_about_header(header)) complain(place, *complaint);
    for (const auto& [name, value] : settings_.headers) {
        if (equal_ignoring_case(name, header.name)) complain(place, "is there twice");
    }
}

void EndpointSettingsReader::read_metadata(const JsonMember& member) {
    if (!member.value.is_object() || member.value.size() > limits_.metadata_pairs_max) {
        return complain(member.key, "must be an object with at most 50 texts");
    }
    settings_.metadata.clear();
    for (const JsonMember& pair : member.value.members()) {
        const std::string place = join(member.key, pair.key);
        if (pair.key.empty() || pair.key.size() > limits_.metadata_key_bytes_max) {
            complain(place, "must have a key of 1 to 40 bytes");
        }
        std::string value = read_text({place, pair.value}, limits_.metadata_value_bytes_max);
        settings_.metadata.insert_or_assign(std::string{pair.key}, std::move(value));
    }
}

std::string EndpointSettingsReader::read_certificates(const JsonMember& member) {
    const std::string_view pem = member.value.string();
    if (!member.value.is_string() || pem.size() > limits_.pem_bytes_max) {
        complain(member.key, at_most(limits_.pem_bytes_max, "bytes of PEM text"));
        return {};
    }
    if (pem.find("PRIVATE KEY") != std::string_view::npos) {
        complain(member.key, "must not hold a private key: it belongs into client_key");
        return {};
    }
    if (source_ == Source::merchant) {
        const auto chain = Certificate::parse_chain(pem);
        if (!chain || chain->empty()) complain(member.key, "must be certificates in PEM form");
    }
    return std::string{pem};
}

void EndpointSettingsReader::read_ca_certificates(const JsonMember& member) {
    settings_.ca_pem = read_certificates(member);
}

void EndpointSettingsReader::read_client_certificate(const JsonMember& member) {
    settings_.client_certificate_pem = read_certificates(member);
}

void EndpointSettingsReader::read_api_version(const JsonMember& member) {
    settings_.api_version = read_text(member, limits_.api_version_bytes_max);
}

}  // namespace postern::dispatch
