#include "daemon/write_once.hpp"

#include "core/crypto.hpp"
#include "daemon/api/parameters.hpp"
#include "daemon/api/replies.hpp"
#include "storage/idempotency_repository.hpp"

#include <algorithm>

namespace postern::daemon {

using storage::IdempotencyRow;
using storage::StoreError;

namespace {

constexpr std::string_view kKeyField = "Idempotency-Key";
constexpr std::string_view kReplayedField = "Idempotent-Replayed";
constexpr std::string_view kPurpose = "idempotency";
constexpr std::size_t kKeyBytesMax = 255;
constexpr int kPaymentRefused = 402;

// What identifies the request; no key when the caller sent none.
struct OnceRequest {
    std::optional<IdempotencyRow> row;
    std::optional<ApiError> error;
};

bool is_printable(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

OnceRequest once_request(const ApiCall& call) {
    const HttpRequest& request = call.request;
    const auto keys = request.fields.all(kKeyField);
    if (request.method != "POST" || keys.empty()) return {};
    const std::string_view key = keys.front();
    if (keys.size() > 1 || key.empty() || key.size() > kKeyBytesMax || !is_printable(key)) {
        return {
            .row = {},
            .error = validation_error(
                {{std::string{kKeyField},
                  "must be one text of 1 to 255 printable ASCII characters"}}
            )};
    }
    // No part but the last can hold a line break, so no two requests give the same text.
    const std::string request_hash = hash(
        HashAlgorithm::sha256,
        {request.method, "\n", request.path, "\n", request.query, "\n", request.body}
    );
    return {
        .row =
            IdempotencyRow{
                .account = call.identity.account,
                .livemode = call.identity.livemode,
                .key = std::string{key},
                .request_hash = request_hash,
                .reply = {}},
        .error = {}};
}

HttpReply key_reused_reply() {
    return error_reply(
        {.status = 409,
         .code = "IDEMPOTENCY_KEY_REUSED",
         .message = "This Idempotency-Key came with another request before; use a new key for each "
                    "request"}
    );
}

std::string seal_reply(const SecretBox& secrets, const HttpReply& reply) {
    std::string text = reply.content_type;
    text += '\n';
    text += reply.body;
    return secrets.seal(kPurpose, text);
}

HttpReply replay(const SecretBox& secrets, const IdempotencyRow& row) {
    const auto text = secrets.open(kPurpose, row.reply);
    if (!text) {
        return conflict_reply(
            "This request was carried out before, but its answer can no longer be read because the "
            "secret key beside the store was changed"
        );
    }
    HttpReply reply;
    reply.status = static_cast<int>(row.status);
    const auto line = text->find('\n');
    reply.content_type = text->substr(0, line);
    reply.body = text->substr(line + 1);
    reply.fields.push_back({std::string{kReplayedField}, "true"});
    return reply;
}

// The answer that the key already has; nullopt: none that still counts.
Result<std::optional<HttpReply>, StoreError> find_answer(
    storage::Connection& connection,
    const SecretBox& secrets,
    const IdempotencyRow& wanted,
    TimePoint now
) {
    const auto found = storage::find_idempotent_reply(connection, wanted);
    if (!found) return found.error();
    if (!*found || (*found)->created_at < now - kIdempotentReplyKept) {
        return std::optional<HttpReply>{};
    }
    if ((*found)->request_hash != wanted.request_hash) return std::optional{key_reused_reply()};
    return std::optional{replay(secrets, **found)};
}

bool is_to_be_kept(const HttpReply& reply) {
    return (reply.status >= 200 && reply.status < 300) || reply.status == kPaymentRefused;
}

Result<HttpReply, StoreError> run_once(
    storage::Transaction& transaction,
    const SecretBox& secrets,
    const IdempotencyRow& wanted,
    const OnceWork& work
) {
    auto before = find_answer(transaction.connection(), secrets, wanted, transaction.now());
    if (!before) return before.error();
    if (*before) return std::move(**before);
    auto reply = work(transaction);
    if (!reply || !is_to_be_kept(*reply)) return reply;
    IdempotencyRow row = wanted;
    row.status = reply->status;
    row.reply = seal_reply(secrets, *reply);
    row.created_at = transaction.now();
    const auto kept = storage::put_idempotent_reply(transaction, row);
    if (!kept) return kept.error();
    return reply;
}

}  // namespace

net::Task<HttpReply> write_once(const ApiCall& call, OnceWork work) {
    const OnceRequest once = once_request(call);
    if (once.error) co_return error_reply(*once.error);
    const SecretBox& secrets = call.around.secrets;
    HttpReply reply;
    const WriteWork writing_work =
        [&once, &secrets, &work, &reply](storage::Transaction& transaction) -> StoreResult {
        auto made = once.row ? run_once(transaction, secrets, *once.row, work) : work(transaction);
        if (!made) return made.error();
        reply = std::move(*made);
        return {};
    };
    auto writing = write_store(call.around.store, call.thread, writing_work);
    const WriteResult written = co_await std::move(writing);
    if (!written) co_return store_error_reply(written.error());
    co_return reply;
}

net::Task<std::optional<HttpReply>> answered_before(const ApiCall& call) {
    const OnceRequest once = once_request(call);
    if (once.error) co_return error_reply(*once.error);
    if (!once.row) co_return std::nullopt;
    std::optional<HttpReply> reply;
    const ReadWork work = [&once, &call, &reply](storage::Connection& connection) -> StoreResult {
        auto found =
            find_answer(connection, call.around.secrets, *once.row, call.around.clock.now());
        if (!found) return found.error();
        reply = std::move(*found);
        return {};
    };
    auto reading = read_store(call.around.store, call.thread, work);
    const StoreResult read = co_await std::move(reading);
    if (!read) co_return store_error_reply(read.error());
    co_return reply;
}

bool is_replayed(const HttpReply& reply) {
    return std::any_of(reply.fields.begin(), reply.fields.end(), [](const HttpReplyField& field) {
        return field.name == kReplayedField;
    });
}

}  // namespace postern::daemon
