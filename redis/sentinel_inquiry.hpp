#pragma once

#include "redis/link.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace postern::redis {

// Asks all sentinels at once who is the master. One that was cut off from the others believes what
// was true before, so what most of them say counts; who does not answer cannot keep us waiting as
// long as most do.
class SentinelInquiry {
 public:
    using OnDecided = std::function<void(Result<ServerAddress, Complaint>)>;

    explicit SentinelInquiry(const Surroundings& around) : around_{around} {}
    ~SentinelInquiry();
    SentinelInquiry(const SentinelInquiry&) = delete;
    SentinelInquiry& operator=(const SentinelInquiry&) = delete;

    // Ends the one before without an answer. Decides in a later turn. Where they are of two minds
    // it is not `doubtful`, which could not be used.
    void ask(std::optional<ServerAddress> doubtful, OnDecided on_decided);

 private:
    struct Round;
    void end_round();

    Surroundings around_;
    std::shared_ptr<Round> round_;
};

// What a sentinel answered; nothing when it does not know.
std::optional<ServerAddress> master_of(const Reply& reply);

// The new master out of "+switch-master": "<name> <old host> <old port> <host> <port>".
std::optional<ServerAddress>
switched_master(std::string_view message, const std::string& master_name);

}  // namespace postern::redis
