#pragma once

#include "core/ids.hpp"

#include <cstdint>
#include <string_view>

// The numbers of the native ids under the prefixes that Svix's clients know.
namespace postern::daemon::svix {

struct ApplicationId {  // of an AccountId
    std::int64_t value = 0;
    static constexpr std::string_view kPrefix = "app_";
};
struct EndpointId {  // of a postern::EndpointId
    std::int64_t value = 0;
    static constexpr std::string_view kPrefix = "ep_";
};
struct MessageId {  // of an EventId
    std::int64_t value = 0;
    static constexpr std::string_view kPrefix = "msg_";
};
struct AttemptId {  // of a postern::AttemptId
    std::int64_t value = 0;
    static constexpr std::string_view kPrefix = "atmpt_";
};
struct TaskId {  // of a JobId
    std::int64_t value = 0;
    static constexpr std::string_view kPrefix = "qtask_";
};

}  // namespace postern::daemon::svix
