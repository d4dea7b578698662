#include "verifiers/generic_hmac.hpp"

#include "verifiers/generic_hmac_settings.hpp"
#include "verifiers/shared_secrets.hpp"

namespace postern::verifiers {
namespace {

using Slot = SignedTextTemplate::Slot;

struct Offered {
    std::string_view timestamp;
    std::vector<std::string> digests;  // raw bytes
};

// nullopt: no field begins with the prefix.
std::optional<Offered>
read_plain(const GenericHmacSettings& settings, const SignedRequest& request) {
    Offered offered{
        .timestamp = settings.timestamp_header.empty()
                         ? std::string_view{}
                         : request.fields.value_or_empty(settings.timestamp_header),
        .digests = {}};
    bool prefixed = false;
    for (std::string_view value : request.fields.all(settings.signature_header)) {
        if (value.empty() || !value.starts_with(settings.prefix)) continue;
        prefixed = true;
        auto digest = decode_digest(value.substr(settings.prefix.size()), settings.encoding);
        if (digest) offered.digests.push_back(std::move(*digest));
    }
    if (!prefixed) return std::nullopt;
    return offered;
}

// nullopt: no part is named as a signature is. A timestamp in a header of its own goes first.
std::optional<Offered>
read_key_value(const GenericHmacSettings& settings, const SignedRequest& request) {
    Offered offered;
    bool named = false;
    std::string_view rest = request.fields.value_or_empty(settings.signature_header);
    while (!rest.empty()) {
        const auto comma = rest.find(',');
        const std::string_view part = trim_spaces(rest.substr(0, comma));
        rest.remove_prefix(comma == std::string_view::npos ? rest.size() : comma + 1);
        const auto equals = part.find('=');
        if (equals == std::string_view::npos) continue;
        const std::string_view name = part.substr(0, equals);
        std::string_view value = part.substr(equals + 1);
        if (name == settings.timestamp_key) offered.timestamp = value;
        if (name != settings.signature_key) continue;
        named = true;
        if (!value.starts_with(settings.prefix)) continue;
        auto digest = decode_digest(value.substr(settings.prefix.size()), settings.encoding);
        if (digest) offered.digests.push_back(std::move(*digest));
    }
    if (!settings.timestamp_header.empty()) {
        offered.timestamp = request.fields.value_or_empty(settings.timestamp_header);
    }
    if (!named) return std::nullopt;
    return offered;
}

class GenericHmacProvider final : public Provider {
 public:
    explicit GenericHmacProvider(GenericHmacSettings settings)
        : secrets_{settings.algorithm, settings.secrets},
          timestamp_signed_{settings.signed_text.uses(Slot::timestamp)},
          id_signed_{settings.signed_text.uses(Slot::id)},
          settings_{std::move(settings)} {
        for (std::string& secret : settings_.secrets) wipe(secret);
        settings_.secrets.clear();
    }

    Result<Verified, VerifyFailure> verify(const SignedRequest& request) const override {
        if (header_is_missing(request)) return VerifyFailure::missing_header;
        if (request.body.empty()) return VerifyFailure::malformed;
        const auto offered = settings_.format == SignatureFormat::plain
                                 ? read_plain(settings_, request)
                                 : read_key_value(settings_, request);
        if (!offered) return VerifyFailure::malformed;
        const auto signed_at = parse_unix_time(offered->timestamp, settings_.timestamp_unit);
        if (timestamp_signed_ && !signed_at) return VerifyFailure::malformed;
        request.note("signed text", settings_.signed_payload);
        const auto frame = settings_.signed_text.fill(
            {.timestamp = offered->timestamp,
             .url = settings_.notification_url,
             .id = id_header(request)}
        );
        request.note("before the body", frame.before);
        request.note("after the body", frame.after);
        const auto key =
            secrets_.match({frame.before, request.body, frame.after}, offered->digests);
        if (!key) return VerifyFailure::bad_signature;
        if (timestamp_signed_
            && !within_tolerance(request.received_at, *signed_at, settings_.tolerance)) {
            return VerifyFailure::timestamp_out_of_tolerance;
        }
        return Verified{.key_index = *key};
    }

    // The body's id goes before the header's: the body is always signed, the header seldom.
    Result<Normalised, NormaliseFailure> normalise(const SignedRequest& request) const override {
        const auto document = JsonDocument::parse(request.body);
        if (!document || !document->root().is_object()) return NormaliseFailure::malformed;
        ProviderEvent event = settings_.events.read(document->root());
        if (event.id.empty()) event.id = id_header(request);
        Normalised normalised;
        normalised.events.push_back(std::move(event));
        return normalised;
    }

    std::optional<ProviderReply> acknowledgement(const SignedRequest&) const override {
        return settings_.acknowledgement;
    }

 private:
    std::string_view id_header(const SignedRequest& request) const {
        if (settings_.id_header.empty()) return {};
        return request.fields.value_or_empty(settings_.id_header);
    }

    bool header_is_missing(const SignedRequest& request) const {
        bool signature = false;
        for (const std::string_view value : request.fields.all(settings_.signature_header)) {
            if (value.empty()) continue;
            request.note(settings_.signature_header, value);
            signature = true;
        }
        if (!signature) return true;
        if (!settings_.timestamp_header.empty()
            && request.fields.value_or_empty(settings_.timestamp_header).empty()) {
            return true;
        }
        return id_signed_ && id_header(request).empty();
    }

    SharedSecrets secrets_;
    bool timestamp_signed_;
    bool id_signed_;
    GenericHmacSettings settings_;
};

}  // namespace

Result<std::unique_ptr<Provider>, Complaint> make_generic_hmac(const SettingTable& settings) {
    auto read = read_generic_hmac_settings(settings);
    if (!read) return read.error();
    return std::make_unique<GenericHmacProvider>(std::move(*read));
}

}  // namespace postern::verifiers
