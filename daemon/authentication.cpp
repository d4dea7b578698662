#include "daemon/authentication.hpp"

#include "core/bytes.hpp"
#include "storage/api_key_repository.hpp"

namespace postern::daemon {
namespace {

constexpr std::string_view kMissing =
    "You did not provide an API key. Send it as 'Authorization: Bearer <key>', or as the user name "
    "of Basic authentication.";

// The rest of the value after the scheme's name, if that is the scheme.
std::optional<std::string_view> after_scheme(std::string_view value, std::string_view scheme) {
    const auto space = value.find(' ');
    if (space == std::string_view::npos) return std::nullopt;
    if (!equal_ignoring_case(value.substr(0, space), scheme)) return std::nullopt;
    return trim_spaces(value.substr(space));
}

HttpReply unauthorized(std::string message) {
    HttpReply reply =
        error_reply({.status = 401, .code = "UNAUTHORIZED", .message = std::move(message)});
    reply.fields.push_back({"WWW-Authenticate", "Bearer realm=\"Postern\""});
    return reply;
}

HttpReply invalid_key(std::string_view key) {
    return unauthorized("Invalid API Key provided: " + masked_api_key(key));
}

}  // namespace

std::optional<std::string> offered_api_key(const HttpFields& fields) {
    const std::string_view value = trim_spaces(fields.value_or_empty("authorization"));
    if (const auto key = after_scheme(value, "bearer")) return std::string{*key};
    const auto basic = after_scheme(value, "basic");
    if (!basic) return std::nullopt;
    auto credentials = from_base64(*basic);
    if (!credentials) return std::nullopt;
    return credentials->substr(0, credentials->find(':'));
}

net::Task<Result<Identity, HttpReply>>
authenticate(ApiSurroundings& around, const HttpRequest& request, net::IoThread& thread) {
    const auto key = offered_api_key(request.fields);
    if (!key || key->empty()) co_return unauthorized(std::string{kMissing});
    if (!api_key_form(*key)) co_return invalid_key(*key);
    std::string hash = hash_api_key(around.store.database.keys(), *key);
    const TimePoint now = around.clock.now();
    if (const auto proven = around.proven_keys->find(hash, now)) co_return *proven;
    std::optional<storage::ApiKeyRow> row;
    const ReadWork work = [&hash, &row](storage::Connection& connection) -> StoreResult {
        auto found = storage::find_api_key(connection, storage::Blob{hash});
        if (!found) return found.error();
        row = std::move(*found);
        return {};
    };
    auto reading = read_store(around.store, thread, work);
    const StoreResult read = co_await std::move(reading);
    if (!read) co_return store_error_reply(read.error());
    if (!row) co_return invalid_key(*key);
    if (row->revoked_at)
        co_return unauthorized("Revoked API Key provided: " + masked_api_key(*key));
    const Identity identity{
        .account = row->account, .livemode = row->livemode, .scope = row->scope};
    around.proven_keys->remember(std::move(hash), identity, now);
    co_return identity;
}

}  // namespace postern::daemon
