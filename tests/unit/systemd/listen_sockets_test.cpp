#include "systemd/listen_sockets.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace postern::systemd {
namespace {

constexpr int kFirst = 3;
constexpr int kAsWanted = 0;
constexpr int kOtherwise = 1;

enum class Kind { listening, connected_to_nobody, datagram };

int socket_of(Kind kind) {
    const int type = kind == Kind::datagram ? SOCK_DGRAM : SOCK_STREAM;
    const int descriptor = socket(AF_INET, type, 0);
    if (kind == Kind::listening) listen(descriptor, 1);
    return descriptor;
}

// Descriptors have fixed numbers in this protocol, so each case has a process of its own.
template <class Body>
void in_a_process(Body body) {
    const pid_t child = fork();
    if (child == 0) {
        setenv("LISTEN_PID", std::to_string(getpid()).c_str(), 1);
        _exit(body() ? kAsWanted : kOtherwise);
    }
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == kAsWanted);
}

void hand_over(Kind kind, const char* names) {
    const int descriptor = socket_of(kind);
    if (descriptor != kFirst) dup2(descriptor, kFirst);
    setenv("LISTEN_FDS", "1", 1);
    if (names != nullptr) setenv("LISTEN_FDNAMES", names, 1);
}

TEST(ListenSockets, AreNoneWhereNothingIsHandedOver) {
    in_a_process([] {
        const auto taken = take_listen_sockets();
        return taken && *taken == ListenSockets{};
    });
}

TEST(ListenSockets, AreSortedByTheirNames) {
    struct Case {
        const char* name;
        std::vector<ListenSocket> ListenSockets::*side;
    };
    const Case cases[] = {
        {"public", &ListenSockets::public_side},
        {"private", &ListenSockets::private_side},
        {"tls", &ListenSockets::tls_side},
    };
    for (const Case& test_case : cases) {
        SCOPED_TRACE(test_case.name);
        in_a_process([&test_case] {
            hand_over(Kind::listening, test_case.name);
            const auto taken = take_listen_sockets();
            if (!taken || std::getenv("LISTEN_FDS") != nullptr) return false;
            const auto& side = (*taken).*test_case.side;
            return side.size() == 1 && side.front().descriptor == kFirst
                   && side.front().address.starts_with("0.0.0.0:");
        });
    }
}

TEST(ListenSockets, AreRefusedByNameWhenTheyDoNotFit) {
    struct Case {
        std::string_view name;
        Kind kind;
        const char* names;
        std::string_view said;
    };
    const Case cases[] = {
        {"another name", Kind::listening, "webhooks", "\"webhooks\""},
        {"no name", Kind::listening, nullptr, "FileDescriptorName= must be"},
        {"not listening", Kind::connected_to_nobody, "public", "must be a listening TCP socket"},
        {"a datagram socket", Kind::datagram, "tls", "\"tls\""},
    };
    for (const Case& test_case : cases) {
        SCOPED_TRACE(test_case.name);
        in_a_process([&test_case] {
            hand_over(test_case.kind, test_case.names);
            const auto taken = take_listen_sockets();
            return !taken && taken.error().message.find(test_case.said) != std::string::npos;
        });
    }
}

TEST(ListenSockets, OfAnotherProcessAreNotTouched) {
    in_a_process([] {
        hand_over(Kind::listening, "public");
        setenv("LISTEN_PID", "1", 1);
        const auto taken = take_listen_sockets();
        return taken && *taken == ListenSockets{};
    });
}

}  // namespace
}  // namespace postern::systemd
