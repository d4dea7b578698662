#pragma once

#include "daemon/http_post.hpp"
#include "daemon/sandbox_poster.hpp"
#include "payments/records/gateway_records.hpp"
#include "verifiers/sample.hpp"

#include <array>
#include <chrono>
#include <functional>
#include <mutex>
#include <optional>
#include <vector>

namespace postern::daemon {

verifiers::SampleWish wish_of(const payments::ProviderMessage& message, TimePoint now);

// How long a message that was not taken waits: longer each time.
std::chrono::seconds message_pause(std::int64_t tries);
// Three days of pauses, as long as real providers try.
inline constexpr std::int64_t kMessageTriesMax = 870;
inline constexpr std::size_t kMessagesAtOnce = 32;

// Ways to the receiver. What is said of one payment takes one of them, so that it arrives in order;
// what is said of others does not wait for it.
inline constexpr std::size_t kMailLanes = 4;
std::size_t lane_of(const payments::ProviderMessage& message);

// The messages that wait in the store, and their way to the receiver. One thread at a time.
class SandboxMail {
 public:
    using Post = std::function<Result<PostReply, Complaint>(const PostRequest&)>;
    // Of a lane: each has a thread and a connection of its own.
    using MakePost = std::function<Post()>;
    struct Parts {
        Store& store;
        const Clock& clock;
        SandboxVoices voices;
        OwnListener listener;
        std::function<bool()> is_stopping;
        StepGuard guard = {};
        MakePost make_post = keeping_connection;
    };
    explicit SandboxMail(Parts parts);
    static Post keeping_connection();

    // Any thread.
    void take_settings(storage::GatewayNumber gateway, SettingTable settings);

    // Posts the first of what is due, and forgets or postpones each in one transaction. How many
    // were taken; nullopt: the store failed.
    std::optional<std::size_t> post_due();
    // nullopt: nothing waits.
    Result<std::optional<TimePoint>, storage::StoreError> next_due();

 private:
    enum class Fate { taken, later, unsayable };
    struct Posted {
        const payments::MessageRow* row = nullptr;
        std::optional<Fate> fate = std::nullopt;  // nullopt: not posted yet
    };
    using Lane = std::vector<Posted>;
    void post_lane(const Post& post, Lane& lane) const;
    std::vector<Posted> post_all(const std::vector<payments::MessageRow>& rows) const;
    Fate post_one(const Post& post, const payments::MessageRow& row) const;
    bool settle(const std::vector<Posted>& posted);

    std::optional<SandboxVoice> voice_of(storage::GatewayNumber gateway) const;

    mutable std::mutex voices_mutex_;  // guards the voices among the parts
    Parts parts_;
    std::array<Post, kMailLanes> posts_;
};

}  // namespace postern::daemon
