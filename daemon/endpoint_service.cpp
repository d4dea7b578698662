#include "daemon/endpoint_service.hpp"

#include "core/assert.hpp"
#include "core/crypto.hpp"
#include "daemon/api/parameters.hpp"
#include "daemon/api/replies.hpp"
#include "daemon/job_steps.hpp"
#include "dispatch/url_guard.hpp"

#include <algorithm>

namespace postern::daemon {

using dispatch::EndpointSecret;
using dispatch::EndpointSecrets;
using dispatch::GuardRefusal;
using storage::Connection;
using storage::EndpointRow;
using storage::EndpointStatus;
using storage::StoreError;
using storage::Transaction;

namespace {

constexpr std::string_view kSecretsPurpose = "endpoint secrets";
constexpr std::string_view kDisabledByHand = "manual";
// One writer at a time makes a conflict impossible on an embedded store and rare on any other.
constexpr int kChangeTriesMax = 3;

ApiError not_found() {
    return {
        .status = 404, .code = "NOT_FOUND", .message = "There is no webhook endpoint of this id"};
}

ApiError conflict(std::string message) {
    return {.status = 409, .code = "CONFLICT", .message = std::move(message)};
}

// A URL that no rule could ever let through is simply wrong; another leads where it must not.
bool is_malformed(GuardRefusal refusal) {
    switch (refusal) {
        case GuardRefusal::url_malformed:
        case GuardRefusal::url_too_long:
        case GuardRefusal::fragment:
        case GuardRefusal::host_malformed: return true;
        case GuardRefusal::scheme_refused:
        case GuardRefusal::userinfo:
        case GuardRefusal::port_refused:
        case GuardRefusal::host_special:
        case GuardRefusal::address_private:
        case GuardRefusal::address_denied:
        case GuardRefusal::address_own:
        case GuardRefusal::name_not_found: return false;
    }
    return false;
}

bool is_uid_character(char c) {
    const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    return is_letter || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.' || c == ':';
}

void close_row(OpenEndpoint& endpoint, const SecretBox& box) {
    endpoint.row.settings = dispatch::settings_to_json(endpoint.settings);
    std::string json = dispatch::secrets_to_json(endpoint.secrets);
    endpoint.row.secrets = box.seal(kSecretsPurpose, json);
    wipe(json);
}

bool is_of(const EndpointRow& row, const EndpointName& name) {
    return !row.deleted_at && row.account == name.owner.account
           && row.livemode == name.owner.livemode;
}

// Nobody else of the same owner may have this name.
Result<std::optional<ApiError>, StoreError>
refuse_taken_uid(Connection& connection, const EndpointRow& row) {
    if (row.uid.empty()) return std::optional<ApiError>{};
    const storage::EndpointOwner owner{row.account, row.livemode};
    const auto found = storage::find_endpoint_by_uid(connection, owner, row.uid);
    if (!found) return found.error();
    if (!*found || (*found)->id == row.id) return std::optional<ApiError>{};
    return std::optional{conflict("Another webhook endpoint has this uid; choose another one")};
}

OpenEndpoint drafted(const EndpointDraft& draft, TimePoint now) {
    OpenEndpoint endpoint;
    endpoint.row.account = draft.owner.account;
    endpoint.row.livemode = draft.owner.livemode;
    endpoint.row.uid = draft.uid;
    endpoint.row.url = draft.url;
    endpoint.row.created_at = now;
    endpoint.row.updated_at = now;
    if (draft.status == EndpointStatus::disabled) set_status(endpoint, EndpointSwitch::disable);
    endpoint.settings = draft.settings;
    endpoint.secrets.client_key_pem = draft.client_key_pem;
    std::string secret = draft.secret.empty() ? dispatch::make_endpoint_secret() : draft.secret;
    endpoint.secrets.secrets.push_back({.secret = std::move(secret), .expires_at = {}});
    return endpoint;
}

// One read, one edit, one write; nullopt: somebody else was faster.
Served<std::optional<OpenEndpoint>> try_change(
    Transaction& transaction,
    const SecretBox& box,
    const EndpointName& name,
    const EndpointEdit& edit
) {
    auto endpoint = find_open_endpoint(transaction.connection(), box, name);
    if (!endpoint) return endpoint.error();
    if (!*endpoint) return not_found();
    OpenEndpoint& changed = **endpoint;
    const EndpointStatus status_before = changed.row.status;
    const auto refusal = edit(changed, transaction.now());
    if (refusal) return *refusal;
    const auto taken = refuse_taken_uid(transaction.connection(), changed.row);
    if (!taken) return taken.error();
    if (*taken) return **taken;
    changed.row.updated_at = transaction.now();
    close_row(changed, box);
    const auto updated = storage::update_endpoint(transaction, changed.row);
    if (!updated) return updated.error();
    if (!*updated) return std::optional<OpenEndpoint>{};
    ++changed.row.revision;
    const bool enabled_again =
        status_before == EndpointStatus::disabled && changed.row.status == EndpointStatus::enabled;
    if (enabled_again) {
        // A person vouches for it: its failures are forgiven.
        const auto forgiven = storage::put_endpoint_health(transaction, {.endpoint = name.id});
        if (!forgiven) return forgiven.error();
    }
    return std::optional{std::move(changed)};
}

void end_old_secrets(std::vector<EndpointSecret>& secrets, TimePoint now, TimePoint last_use) {
    std::erase_if(secrets, [now](const EndpointSecret& secret) {
        return secret.expires_at && *secret.expires_at <= now;
    });
    for (EndpointSecret& secret : secrets) {
        secret.expires_at = secret.expires_at ? std::min(*secret.expires_at, last_use) : last_use;
    }
    if (last_use <= now) secrets.clear();
}

std::optional<ApiError>
put_new_secret(OpenEndpoint& endpoint, const SecretRotation& rotation, TimePoint now) {
    auto& secrets = endpoint.secrets.secrets;
    const bool known =
        std::any_of(secrets.begin(), secrets.end(), [&rotation](const EndpointSecret& one) {
            return one.secret == rotation.secret;
        });
    if (known) {
        return validation_error({{"secret", "is already a secret of this endpoint"}});
    }
    end_old_secrets(secrets, now, now + rotation.grace);
    if (secrets.size() >= dispatch::kEndpointSecretsMax) {
        return conflict(
            "This endpoint has as many secrets as it may have at once; rotate with a "
            "grace_seconds of 0 or wait until an earlier one has expired"
        );
    }
    std::string secret =
        rotation.secret.empty() ? dispatch::make_endpoint_secret() : rotation.secret;
    secrets.insert(secrets.begin(), EndpointSecret{.secret = std::move(secret), .expires_at = {}});
    return std::nullopt;
}

storage::JobRow cancel_job(const EndpointRow& row, TimePoint now) {
    storage::JobRow job =
        new_job(storage::JobKind::cancel_endpoint, {.since = row.created_at, .until = now});
    job.account = row.account;
    job.livemode = row.livemode;
    job.endpoint = row.id;
    job.created_at = now;
    job.updated_at = now;
    return job;
}

}  // namespace

Result<OpenEndpoint, StoreError> open_row(EndpointRow row, const SecretBox& box) {
    auto settings = dispatch::settings_from_json(row.settings);
    const auto json = box.open(kSecretsPurpose, row.secrets);
    if (!settings || !json) return StoreError::failed;
    auto secrets = dispatch::secrets_from_json(*json);
    if (!secrets) return StoreError::failed;
    return OpenEndpoint{
        .row = std::move(row), .settings = std::move(*settings), .secrets = std::move(*secrets)};
}

Result<HttpReply, StoreError> refusal_of(const ServiceError& error) {
    if (const auto* store_error = std::get_if<StoreError>(&error)) return *store_error;
    return error_reply(std::get<ApiError>(error));
}

std::optional<ApiError> judge_url(
    const dispatch::Dispatcher& dispatcher,
    storage::Livemode livemode,
    std::string_view url
) {
    const auto destination = dispatch::parse_destination(url, dispatcher.rules_for(livemode));
    if (destination) return std::nullopt;
    const GuardRefusal refusal = destination.error();
    std::string why = dispatch::explain(refusal);
    if (is_malformed(refusal)) return validation_error({{"url", std::move(why)}});
    std::string message = "address_blocked (";
    message += dispatch::to_text(refusal);
    message += "): ";
    message += why;
    ApiError error = validation_error({{"url", std::move(message)}});
    error.code = "ADDRESS_BLOCKED";
    return error;
}

std::optional<ApiError> judge_uid(std::string_view uid) {
    const bool fits = uid.size() <= dispatch::EndpointSettingsLimits{}.uid_bytes_max;
    if (fits && std::all_of(uid.begin(), uid.end(), is_uid_character)) return std::nullopt;
    return validation_error({{"uid", "must be up to 256 letters, digits and -_.:"}});
}

std::optional<ApiError>
judge_credentials(const dispatch::EndpointSettings& settings, std::string_view client_key_pem) {
    const std::string& certificate = settings.client_certificate_pem;
    if (certificate.empty() && settings.ca_pem.empty() && client_key_pem.empty()) {
        return std::nullopt;
    }
    if (certificate.empty() && !client_key_pem.empty()) {
        return validation_error({{"client_key", "needs the client_certificate that it belongs to"}}
        );
    }
    if (!certificate.empty() && client_key_pem.empty()) {
        return validation_error({{"client_certificate", "needs its private key as client_key"}});
    }
    const auto tls = net::TlsClient::make(
        {.ca_pem = settings.ca_pem,
         .certificate_pem = certificate,
         .key_pem = std::string{client_key_pem}}
    );
    if (tls) return std::nullopt;
    const std::string_view field = certificate.empty() ? "ca_certificates" : "client_certificate";
    return validation_error({{std::string{field}, tls.error().message}});
}

Served<OpenEndpoint>
create_endpoint(Transaction& transaction, const SecretBox& secrets, const EndpointDraft& draft) {
    OpenEndpoint endpoint = drafted(draft, transaction.now());
    const auto count = storage::count_endpoints(transaction.connection(), draft.owner);
    if (!count) return count.error();
    if (*count >= kEndpointsMax) {
        return conflict(
            "This account has as many webhook endpoints as it may have, "
            + std::to_string(kEndpointsMax) + "; delete one first"
        );
    }
    const auto taken = refuse_taken_uid(transaction.connection(), endpoint.row);
    if (!taken) return taken.error();
    if (*taken) return **taken;
    close_row(endpoint, secrets);
    const auto id = storage::insert_endpoint(transaction, endpoint.row);
    if (!id) return id.error();
    endpoint.row.id = *id;
    return endpoint;
}

Result<std::optional<OpenEndpoint>, StoreError>
find_open_endpoint(Connection& connection, const SecretBox& secrets, const EndpointName& name) {
    auto row = storage::find_endpoint(connection, name.id);
    if (!row) return row.error();
    if (!*row || !is_of(**row, name)) return std::optional<OpenEndpoint>{};
    auto endpoint = open_row(std::move(**row), secrets);
    if (!endpoint) return endpoint.error();
    return std::optional{std::move(*endpoint)};
}

Served<OpenEndpoint> change_endpoint(
    Transaction& transaction,
    const SecretBox& secrets,
    const EndpointName& name,
    const EndpointEdit& edit
) {
    for (int i = 0; i < kChangeTriesMax; ++i) {
        auto changed = try_change(transaction, secrets, name, edit);
        if (!changed) return changed.error();
        if (*changed) return std::move(**changed);
    }
    return conflict("This webhook endpoint is being changed by somebody else; ask again");
}

Served<OpenEndpoint> rotate_secret(
    Transaction& transaction,
    const SecretBox& secrets,
    const EndpointName& name,
    const SecretRotation& rotation
) {
    const EndpointEdit edit = [&rotation](OpenEndpoint& endpoint, TimePoint now) {
        return put_new_secret(endpoint, rotation, now);
    };
    return change_endpoint(transaction, secrets, name, edit);
}

Served<OpenEndpoint> switch_endpoint(
    Transaction& transaction,
    const SecretBox& secrets,
    const EndpointName& name,
    EndpointSwitch wanted
) {
    const EndpointEdit edit = [wanted](OpenEndpoint& endpoint, TimePoint) {
        set_status(endpoint, wanted);
        return std::optional<ApiError>{};
    };
    return change_endpoint(transaction, secrets, name, edit);
}

void set_status(OpenEndpoint& endpoint, EndpointSwitch wanted) {
    if (wanted == EndpointSwitch::enable) {
        endpoint.row.status = EndpointStatus::enabled;
        endpoint.row.disabled_reason.clear();
    } else if (endpoint.row.status == EndpointStatus::enabled) {
        // Who is disabled already keeps the first reason.
        endpoint.row.status = EndpointStatus::disabled;
        endpoint.row.disabled_reason = kDisabledByHand;
    }
}

Served<EndpointRow> delete_endpoint(Transaction& transaction, const EndpointName& name) {
    auto row = storage::find_endpoint(transaction.connection(), name.id);
    if (!row) return row.error();
    if (!*row || !is_of(**row, name)) return not_found();
    EndpointRow& deleted = **row;
    deleted.deleted_at = transaction.now();
    deleted.updated_at = transaction.now();
    deleted.uid.clear();  // free for another one
    deleted.secrets.clear();
    const auto updated = storage::update_endpoint(transaction, deleted);
    if (!updated) return updated.error();
    if (!*updated) return conflict("This webhook endpoint is being changed; ask again");
    const auto job = storage::insert_job(transaction, cancel_job(deleted, transaction.now()));
    if (!job) return job.error();
    ++deleted.revision;
    return std::move(deleted);
}

void publish_endpoint(ApiSurroundings& around, const OpenEndpoint& endpoint) {
    auto ready = dispatch::endpoint_of(endpoint.row, endpoint.secrets);
    POSTERN_ASSERT(ready.has_value());  // it was read or judged a moment ago
    around.endpoints.put(std::move(*ready));
    tell(around.neighbours);
}

void publish_deletion(ApiSurroundings& around, EndpointId id) {
    around.endpoints.remove(id);
    around.jobs.wake();
}

}  // namespace postern::daemon
