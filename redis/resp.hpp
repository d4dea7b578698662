#pragma once

#include "core/result.hpp"
#include "redis/reply.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postern::redis {

std::string encode(const std::vector<std::string>& command);

// The bytes of a connection to answers, over the reader of hiredis. Whoever speaks is trusted with
// our queues, not with our memory.
class ReplyReader {
 public:
    struct Bounds {
        std::size_t bytes = 0;  // of one answer
        std::size_t items = 0;
    };
    explicit ReplyReader(Bounds bounds);
    ~ReplyReader();
    ReplyReader(const ReplyReader&) = delete;
    ReplyReader& operator=(const ReplyReader&) = delete;

    void feed(std::string_view bytes);
    // Nothing: more bytes are needed. A complaint ends the conversation.
    Result<std::optional<Reply>, Complaint> next();

 private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace postern::redis
