#include "daemon/write_once.hpp"

namespace postern::daemon {

using storage::StoreError;

namespace {

Result<HttpReply, StoreError> run_once(
    storage::Transaction& transaction,
    const ApiCall& call,
    const OnceRequest& once,
    const OnceWork& work
) {
    auto before = find_answer(transaction.connection(), call, once);
    if (!before) return before.error();
    if (*before) return std::move(**before);
    auto reply = work(transaction);
    if (!reply || !is_to_be_kept(*reply)) return reply;
    const auto kept = keep_answer(transaction, call.around.secrets, once, *reply);
    if (!kept) return kept.error();
    return reply;
}

// What is told again may be on one server alone still. Where nodes share a store, a turn of the
// writer's is a commit that waits until the standby has all that came before it.
net::Task<WriteResult> confirm_answer(const ApiCall& call) {
    const WriteWork nothing = [](storage::Transaction&) -> StoreResult {
        return {};
    };
    return write_store(call.around.store, call.thread, nothing);
}

}  // namespace

net::Task<HttpReply> write_once(const ApiCall& call, OnceWork work) {
    ReadOnce read = read_once(call);
    if (read.refusal) co_return std::move(*read.refusal);
    const std::optional<OnceRequest>& once = read.once;
    HttpReply reply;
    const WriteWork writing_work = [&once, &call, &work, &reply](storage::Transaction& transaction
                                   ) -> StoreResult {
        auto made = once ? run_once(transaction, call, *once, work) : work(transaction);
        if (!made) return made.error();
        reply = std::move(*made);
        return {};
    };
    auto writing = write_store(call.around.store, call.thread, writing_work);
    const WriteResult written = co_await std::move(writing);
    if (!written) co_return store_error_reply(written.error());
    co_return reply;
}

net::Task<std::optional<HttpReply>>
answered_before(const ApiCall& call, std::string_view key_in_body) {
    ReadOnce read_key = read_once(call, key_in_body);
    if (read_key.refusal) co_return std::move(*read_key.refusal);
    if (!read_key.once) co_return std::nullopt;
    const OnceRequest& once = *read_key.once;
    std::optional<HttpReply> reply;
    const ReadWork work = [&once, &call, &reply](storage::Connection& connection) -> StoreResult {
        auto found = find_answer(connection, call, once);
        if (!found) return found.error();
        reply = std::move(*found);
        return {};
    };
    auto reading = read_store(call.around.store, call.thread, work);
    const StoreResult read = co_await std::move(reading);
    if (!read) co_return store_error_reply(read.error());
    if (!reply || !call.around.store.database.writer().is_shared()) co_return reply;
    auto confirming = confirm_answer(call);
    const WriteResult confirmed = co_await std::move(confirming);
    if (!confirmed) co_return store_error_reply(confirmed.error());
    co_return reply;
}

}  // namespace postern::daemon
