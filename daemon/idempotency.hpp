#pragma once

#include "daemon/api.hpp"
#include "storage/idempotency_repository.hpp"

#include <chrono>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

namespace postern::daemon {

// How long an answer is kept; older ones are swept away.
inline constexpr std::chrono::hours kIdempotentReplyKept{24};

// What protects a request from being carried out twice: its key, and what tells whether another
// request of that key is the same one.
struct OnceRequest {
    storage::IdempotencyRow row;
    std::string key;         // as it was sent; the row's tells the kinds of callers apart
    std::string route;       // "POST /v1/customers": of the first request, errors name it
    std::string request_id;  // of this request
};

// No key, a method that needs none, or a page that nobody in particular calls: nothing to protect.
// A key that cannot be one is refused.
struct ReadOnce {
    std::optional<OnceRequest> once;
    std::optional<HttpReply> refusal;
};
// A key in the body goes before that of the header.
ReadOnce read_once(const ApiCall& call, std::string_view key_in_body = {});

// The answer that the key already has, or the refusal of a key that came with another request
// before; nullopt: none that still counts.
[[nodiscard]] Result<std::optional<HttpReply>, storage::StoreError>
find_answer(storage::Connection& connection, const ApiCall& call, const OnceRequest& once);

// Keeps the answer in the transaction that did what was asked; one that was there gives way.
[[nodiscard]] Result<void, storage::StoreError> keep_answer(
    storage::Transaction& transaction,
    const SecretBox& secrets,
    const OnceRequest& once,
    const HttpReply& reply
);
// Refusals are not kept: the caller may mend what was wrong and ask again with the same key. A
// declined payment is an effect like any.
bool is_to_be_kept(const HttpReply& reply);

// Was the reply found, or made by this call? The fields of a found one carry Idempotent-Replayed.
bool is_replayed(const HttpReply& reply);

// The keys of requests that are being carried out by this process at this moment.
class KeysInUse {
 public:
    using Key = std::tuple<AccountId, storage::Livemode, std::string>;

    // Holds a key as long as it lives.
    class Hold {
     public:
        Hold(KeysInUse& keys, Key key) : keys_{&keys}, key_{std::move(key)} {}
        Hold(Hold&& other) noexcept
            : keys_{std::exchange(other.keys_, nullptr)}, key_{std::move(other.key_)} {}
        Hold& operator=(Hold&&) = delete;
        ~Hold() {
            if (keys_ != nullptr) keys_->release(key_);
        }

     private:
        KeysInUse* keys_;
        Key key_;
    };
    // nullopt: somebody else holds it.
    std::optional<Hold> take(const OnceRequest& once);

 private:
    void release(const Key& key);

    std::mutex mutex_;
    std::set<Key> keys_;
};
HttpReply key_in_use_reply(const ApiCall& call, const OnceRequest& once);

}  // namespace postern::daemon
