#pragma once

#include "core/http_message.hpp"
#include "core/json_document.hpp"
#include "core/json_writer.hpp"
#include "core/result.hpp"
#include "dispatch/endpoint.hpp"
#include "dispatch/signing.hpp"
#include "storage/endpoint_repository.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// An endpoint's settings as JSON: what the API takes and gives, and what the store keeps.
namespace postern::dispatch {

struct FieldComplaint {
    std::string field;  // "filter.and.0.field", "headers.Host"
    std::string message;
};

struct EndpointSettingsLimits {
    std::size_t description_bytes_max = 1024;
    std::size_t event_types_max = 100;
    std::size_t channels_max = 10;
    std::size_t headers_max = 20;
    std::size_t headers_bytes_max = 4096;
    std::size_t metadata_pairs_max = 50;
    std::size_t metadata_key_bytes_max = 40;
    std::size_t metadata_value_bytes_max = 500;
    std::size_t pem_bytes_max = 64 * 1024;
    std::size_t api_version_bytes_max = 64;
    std::size_t uid_bytes_max = 256;
};

// Reads the fields of `object` that belong to settings over `settings`, so that a PATCH names only
// what it changes; null gives a field its default back. Everything wrong is complained of at once.
// A field that is named is replaced as a whole: nothing inside of it is merged. Fields that are not
// settings (url, status, uid, secret, client_key) are left to the caller; others are unknown.
std::vector<FieldComplaint> read_settings(JsonValue object, EndpointSettings& settings);
// Every setting, in the API's spelling, as members of an object that is open.
void append_settings(JsonWriter& writer, const EndpointSettings& settings);

// For the store.
std::string settings_to_json(const EndpointSettings& settings);
Result<EndpointSettings, Complaint> settings_from_json(std::string_view json);

// What is sealed: secrets and the client certificate's key.
struct EndpointSecrets {
    std::vector<EndpointSecret> secrets;  // newest first
    std::string client_key_pem;

    bool operator==(const EndpointSecrets&) const = default;
};
std::string secrets_to_json(const EndpointSecrets& secrets);
Result<EndpointSecrets, Complaint> secrets_from_json(std::string_view json);

// A row with its secrets opened, ready for the directory.
Result<std::shared_ptr<const Endpoint>, Complaint>
endpoint_of(const storage::EndpointRow& row, const EndpointSecrets& secrets);

// Names that a merchant's own header may not have: ours, framing, hop by hop, cookies, Host.
bool is_forbidden_header(std::string_view name);
// What is wrong with a header of a merchant's own, as a sentence without the value, which may be a
// password; nullopt: nothing.
std::optional<std::string> complaint_about_header(const HttpField& header);

}  // namespace postern::dispatch
