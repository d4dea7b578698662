#include "verifiers/generic_hmac_settings.hpp"

#include "verifiers/complaints.hpp"
#include "verifiers/secret_settings.hpp"
#include "verifiers/shared_secrets.hpp"

#include <algorithm>

namespace postern::verifiers {
namespace {

using Slot = SignedTextTemplate::Slot;

constexpr int kStatusMin = 200;
constexpr int kStatusMax = 299;
constexpr int kNoContent = 204;
constexpr int kResetContent = 205;

bool is_token_character(char c) {
    constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
           || marks.find(c) != std::string_view::npos;
}

// Empty stands for "none" and is judged by the caller.
std::string read_token(SettingsReader& reader, std::string_view key, std::string_view otherwise) {
    std::string name = reader.text(key, otherwise);
    if (!std::all_of(name.begin(), name.end(), is_token_character)) {
        reader.complain(key, "must be letters, digits and dashes, as in the name of a header");
    }
    return name;
}

std::string
required_token(SettingsReader& reader, std::string_view key, std::string_view otherwise) {
    std::string name = read_token(reader, key, otherwise);
    if (name.empty()) reader.complain(key, "must not be empty");
    return name;
}

HashAlgorithm read_algorithm(SettingsReader& reader) {
    const std::string name = reader.one_of("algorithm", {"sha1", "sha256", "sha512"}, "sha256");
    if (name == "sha1") return HashAlgorithm::sha1;
    return name == "sha512" ? HashAlgorithm::sha512 : HashAlgorithm::sha256;
}

SecretEncoding read_secret_encoding(SettingsReader& reader) {
    const std::string name = reader.one_of("secret_encoding", {"utf8", "hex", "base64"}, "utf8");
    if (name == "hex") return SecretEncoding::hex;
    return name == "base64" ? SecretEncoding::base64 : SecretEncoding::utf8;
}

void read_signature_shape(SettingsReader& reader, GenericHmacSettings& read) {
    read.secrets = required_secrets(reader, "secrets", {.encoding = read_secret_encoding(reader)});
    read.algorithm = read_algorithm(reader);
    read.encoding = reader.one_of("encoding", {"hex", "base64"}, "hex") == "hex"
                        ? DigestEncoding::hex
                        : DigestEncoding::base64;
    read.prefix = reader.text("prefix", "");
    read.format = reader.one_of("signature_format", {"plain", "kv"}, "plain") == "plain"
                      ? SignatureFormat::plain
                      : SignatureFormat::key_value;
    read.timestamp_key = required_token(reader, "timestamp_key", "t");
    read.signature_key = required_token(reader, "signature_key", "v1");
    read.signature_header = required_token(reader, "signature_header", "X-Signature");
    read.timestamp_header = read_token(reader, "timestamp_header", "");
    read.id_header = read_token(reader, "id_header", "");
    read.timestamp_unit = reader.one_of("timestamp_unit", {"s", "ms"}, "s") == "s"
                              ? TimestampUnit::seconds
                              : TimestampUnit::milliseconds;
    read.tolerance = read_tolerance(reader);
    read.notification_url = optional_notification_url(reader);
}

// A template whose values nobody can supply would refuse every request, and a timestamp that is
// not signed would let every replay through: both are found here and not at the first webhook.
void read_signed_text(SettingsReader& reader, GenericHmacSettings& read) {
    read.signed_payload = reader.text("signed_payload", "{body}");
    auto parsed = SignedTextTemplate::parse(read.signed_payload);
    if (!parsed) return reader.complain("signed_payload", parsed.error().message);
    read.signed_text = std::move(*parsed);
    const SignedTextTemplate& text = read.signed_text;
    const bool timestamp_sent =
        !read.timestamp_header.empty() || read.format == SignatureFormat::key_value;
    if (text.uses(Slot::timestamp) && !timestamp_sent) {
        reader.complain("timestamp_header", "is required, for signed_payload has {timestamp}");
    }
    if (!read.timestamp_header.empty() && !text.uses(Slot::timestamp)) {
        reader.complain("timestamp_header", "proves nothing unless signed_payload has {timestamp}");
    }
    if (text.uses(Slot::id) && read.id_header.empty()) {
        reader.complain("id_header", "is required, for signed_payload has {id}");
    }
    if (text.uses(Slot::url) && read.notification_url.empty()) {
        reader.complain("notification_url", "is required, for signed_payload has {url}");
    }
}

void read_acknowledgement(SettingsReader& reader, GenericHmacSettings& read) {
    ProviderReply reply{
        .status =
            static_cast<int>(reader.integer("ack_status", {kStatusMin, kStatusMin, kStatusMax})),
        .content_type = {},
        .body = reader.text("ack_body", "")};
    reply.content_type =
        reader.text("ack_content_type", reply.body.empty() ? "" : "text/plain; charset=utf-8");
    const bool printable =
        std::all_of(reply.content_type.begin(), reply.content_type.end(), [](char c) {
            return c >= ' ' && c <= '~';
        });
    if (!printable) reader.complain("ack_content_type", "must be one line of plain characters");
    const bool bodiless = reply.status == kNoContent || reply.status == kResetContent;
    if (bodiless && !reply.body.empty()) {
        reader.complain("ack_body", "cannot be sent with a status that has no body");
    }
    const bool given =
        reader.has("ack_status") || reader.has("ack_body") || reader.has("ack_content_type");
    if (given) read.acknowledgement = std::move(reply);
}

}  // namespace

Result<GenericHmacSettings, Complaint> read_generic_hmac_settings(const SettingTable& settings) {
    SettingsReader reader{settings, "generic_hmac"};
    GenericHmacSettings read;
    read_signature_shape(reader, read);
    read_signed_text(reader, read);
    read.events = read_event_map(reader, "$.id");
    read_acknowledgement(reader, read);
    if (auto complaint = complaints_of(reader)) return std::move(*complaint);
    return read;
}

}  // namespace postern::verifiers
