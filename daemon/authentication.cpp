#include "daemon/authentication.hpp"

#include "core/bytes.hpp"
#include "daemon/api_limits.hpp"
#include "daemon/faces/face.hpp"
#include "daemon/faces/stripe/replies.hpp"
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

constexpr int kUnauthorized = 401;

HttpReply with_challenge(HttpReply reply) {
    reply.fields.push_back({"WWW-Authenticate", "Bearer realm=\"Postern\""});
    return reply;
}

HttpReply unauthorized(std::string message) {
    return with_challenge(error_reply(
        {.status = kUnauthorized, .code = "UNAUTHORIZED", .message = std::move(message)}
    ));
}

// The one wrong key for which Stripe's envelope has a code of its own.
HttpReply expired_reply(const HttpRequest& request, std::string message) {
    if (face_of(request.path) != Face::stripe) return unauthorized(std::move(message));
    return with_challenge(stripe::error_reply(
        {.status = kUnauthorized, .code = "api_key_expired", .message = std::move(message)}
    ));
}

// What is answered to a key that is none, which is counted against who sent it. A right key passes
// whoever guesses beside it, behind the same router; that tells a guesser nothing, as there is no
// use in guessing at a key's 192 random bits.
struct Wrong {
    ApiSurroundings& around;
    std::string_view address;
    TimePoint now;

    HttpReply reply(std::string_view what, std::string_view sent) const {
        if (auto refusal = refusal_of_address()) return std::move(*refusal);
        return unauthorized(words(what, sent));
    }

    HttpReply reply_expired(const HttpRequest& request, std::string_view sent) const {
        if (auto refusal = refusal_of_address()) return std::move(*refusal);
        return expired_reply(request, words("Expired", sent));
    }

 private:
    std::string words(std::string_view what, std::string_view sent) const {
        if (around.limits != nullptr) around.limits->note_wrong_key(address, now);
        std::string message{what};
        message += " API Key provided: ";
        message += masked_api_key(sent);
        return message;
    }

    std::optional<HttpReply> refusal_of_address() const {
        if (around.limits == nullptr) return std::nullopt;
        const auto wait = around.limits->wait_of(address, now);
        if (!wait) return std::nullopt;
        return too_many_reply(
            *wait, "Too many wrong API keys came from your address; please ask again later"
        );
    }
};

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
    const TimePoint now = around.clock.now();
    std::string hash = hash_api_key(around.store.database.keys(), *key);
    if (const auto proven = around.proven_keys->find(hash, now)) co_return *proven;
    const Wrong wrong{around, request.peer_address, now};
    if (!api_key_form(*key)) co_return wrong.reply("Invalid", *key);
    const std::uint64_t forgotten = around.proven_keys->forgotten();
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
    if (!row) co_return wrong.reply("Invalid", *key);
    if (row->revoked_at) co_return wrong.reply("Revoked", *key);
    if (row->expires_at && now >= *row->expires_at) {
        co_return wrong.reply_expired(request, *key);
    }
    const Identity identity = identity_of(*row);
    around.proven_keys->remember(
        std::move(hash), {.identity = identity, .proven_at = now, .forgotten_before = forgotten}
    );
    co_return identity;
}

}  // namespace postern::daemon
