#include "redis/reply.hpp"

#include <gtest/gtest.h>

namespace postern::redis {
namespace {

struct Case {
    const char* error;
    const char* code;
    ServerState state;
};
constexpr Case kCases[] = {
    {"ERR unknown command 'FOO'", "ERR", ServerState::fine},
    {"WRONGTYPE Operation against a key", "WRONGTYPE", ServerState::fine},
    {"NOSCRIPT No matching script.", "NOSCRIPT", ServerState::fine},
    {"MOVED 1 127.0.0.1:1", "MOVED", ServerState::fine},
    {"LOADING Redis is loading the dataset in memory", "LOADING", ServerState::unfit},
    {"READONLY You can't write against a read only replica.", "READONLY", ServerState::unfit},
    {"MASTERDOWN Link with MASTER is down", "MASTERDOWN", ServerState::unfit},
    {"NOAUTH Authentication required.", "NOAUTH", ServerState::unfit},
    {"OOM command not allowed", "OOM", ServerState::hindered},
    {"BUSY Redis is busy running a script.", "BUSY", ServerState::hindered},
    {"MISCONF Redis is configured to save", "MISCONF", ServerState::hindered},
    {"NOREPLICAS Not enough good replicas", "NOREPLICAS", ServerState::hindered},
    {"CLUSTERDOWN The cluster is down", "CLUSTERDOWN", ServerState::hindered},
    {"TRYAGAIN Multiple keys request", "TRYAGAIN", ServerState::hindered},
    {"ERR Error running script (call to f_1): @user_script:1: -READONLY You can't write",
     "READONLY",
     ServerState::unfit},
    {"ERR Error running script (call to f_1): @user_script:1: attempt to index nil",
     "ERR",
     ServerState::fine},
    {"", "", ServerState::fine},
};

TEST(RedisError, TellsAWrongCommandFromAnUnfitServer) {
    for (const Case& test_case : kCases) {
        SCOPED_TRACE(test_case.error);
        EXPECT_EQ(error_code(test_case.error), test_case.code);
        EXPECT_EQ(server_state(test_case.error), test_case.state);
    }
}

}  // namespace
}  // namespace postern::redis
