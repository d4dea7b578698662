#pragma once

#include "core/result.hpp"
#include "daemon/api.hpp"
#include "dispatch/endpoint_settings.hpp"
#include "storage/endpoint_repository.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

// What may be done with webhook endpoints, whichever face of the API asks for it. Everything that
// takes a Transaction refuses before it writes; what it gave back is published after the commit.
namespace postern::daemon {

inline constexpr std::int64_t kEndpointsMax = 10'000;  // of one account and mode
inline constexpr std::chrono::seconds kSecretGraceMax{std::chrono::days{7}};

// Either the store could not, or the caller may not: then status, code, message and fields say why,
// in words that every face can use.
using ServiceError = std::variant<storage::StoreError, ApiError>;
template <class T>
using Served = Result<T, ServiceError>;
// A refusal becomes an answer in the native envelope; a store's error stays one.
Result<HttpReply, storage::StoreError> refusal_of(const ServiceError& error);

// An endpoint with everything readable.
struct OpenEndpoint {
    storage::EndpointRow row;  // its `settings` and `secrets` are what was read, not what is below
    dispatch::EndpointSettings settings;
    dispatch::EndpointSecrets secrets;
};

struct EndpointName {
    storage::EndpointOwner owner;
    EndpointId id;
};

// 400 with the code ADDRESS_BLOCKED that names what to change; nullopt: the URL may be registered.
// Names are not resolved here: every delivery vets what they resolve to.
std::optional<ApiError>
judge_url(const dispatch::Dispatcher& dispatcher, storage::Livemode livemode, std::string_view url);
// 1 to 256 characters of letters, digits and "-_.:"; empty: none.
std::optional<ApiError> judge_uid(std::string_view uid);
// Whether secrets and client certificate make an endpoint that can work; the fields are named as in
// the native API.
std::optional<ApiError>
judge_credentials(const dispatch::EndpointSettings& settings, std::string_view client_key_pem);

struct EndpointDraft {
    storage::EndpointOwner owner;
    std::string uid;  // empty: none
    std::string url;  // judged
    storage::EndpointStatus status = storage::EndpointStatus::enabled;
    dispatch::EndpointSettings settings;
    std::string secret;  // as dispatch::parse_endpoint_secret gave it; empty: one is made
    std::string client_key_pem;
};

// Refused: too many, or the uid is taken.
[[nodiscard]] Served<OpenEndpoint> create_endpoint(
    storage::Transaction& transaction,
    const SecretBox& secrets,
    const EndpointDraft& draft
);

// Secrets that cannot be opened are a fault of the installation: nothing about it may be guessed.
[[nodiscard]] Result<OpenEndpoint, storage::StoreError>
open_row(storage::EndpointRow row, const SecretBox& secrets);

// nullopt: absent, deleted, or somebody else's.
[[nodiscard]] Result<std::optional<OpenEndpoint>, storage::StoreError> find_open_endpoint(
    storage::Connection& connection,
    const SecretBox& secrets,
    const EndpointName& name
);

// Changes what it is given: row.url, row.uid, row.status, settings, secrets. A refusal ends the
// change. May be called more than once, each time with the endpoint as it is stored.
using EndpointEdit = std::function<std::optional<ApiError>(OpenEndpoint& endpoint, TimePoint now)>;
// Refused: not there, the edit refused, or the new uid is taken.
[[nodiscard]] Served<OpenEndpoint> change_endpoint(
    storage::Transaction& transaction,
    const SecretBox& secrets,
    const EndpointName& name,
    const EndpointEdit& edit
);

struct SecretRotation {
    std::chrono::seconds grace{std::chrono::hours{24}};  // how long the old one signs as well
    std::string secret;                                  // empty: one is made
};
[[nodiscard]] Served<OpenEndpoint> rotate_secret(
    storage::Transaction& transaction,
    const SecretBox& secrets,
    const EndpointName& name,
    const SecretRotation& rotation
);

enum class EndpointSwitch { enable, disable };
[[nodiscard]] Served<OpenEndpoint> switch_endpoint(
    storage::Transaction& transaction,
    const SecretBox& secrets,
    const EndpointName& name,
    EndpointSwitch wanted
);
// The edit behind it, for faces that change the status together with other things.
void set_status(OpenEndpoint& endpoint, EndpointSwitch wanted);

// Its open deliveries are closed by a job that is made with it: around.jobs.wake() after the
// commit.
[[nodiscard]] Served<storage::EndpointRow>
delete_endpoint(storage::Transaction& transaction, const EndpointName& name);

// After the commit: fan-out and the dispatcher see it from now on.
void publish_endpoint(ApiSurroundings& around, const OpenEndpoint& endpoint);
void publish_deletion(ApiSurroundings& around, EndpointId id);  // wakes that job as well

}  // namespace postern::daemon
