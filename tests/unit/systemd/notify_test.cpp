#include "systemd/notify.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace postern::systemd {
namespace {

using std::chrono::microseconds;

TEST(Notify, WritesOneAssignmentALine) {
    struct Case {
        std::string_view name;
        std::string message;
        std::string_view wanted;
    };
    const Case cases[] = {
        {"ready", ready_message("Listening"), "READY=1\nSTATUS=Listening"},
        {"ready, in two lines", ready_message("a\nWATCHDOG=1"), "READY=1\nSTATUS=a WATCHDOG=1"},
        {"reloading",
         reloading_message("Reading", microseconds{1'500'000}),
         "RELOADING=1\nMONOTONIC_USEC=1500000\nSTATUS=Reading"},
        {"stopping",
         stopping_message("Finishing", microseconds{25'000'000}),
         "STOPPING=1\nEXTEND_TIMEOUT_USEC=25000000\nWATCHDOG_USEC=25000000\nWATCHDOG=1\n"
         "STATUS=Finishing"},
    };
    for (const Case& test_case : cases) {
        SCOPED_TRACE(test_case.name);
        EXPECT_EQ(test_case.message, test_case.wanted);
    }
}

// The manager's end: a datagram socket in a folder of the test's own.
class NotifySocket : public testing::Test {
 protected:
    void SetUp() override {
        std::string pattern = testing::TempDir() + "postern-notify-XXXXXX";
        ASSERT_NE(mkdtemp(pattern.data()), nullptr);
        folder_ = pattern;
        const std::string path = folder_ / "socket";
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        ASSERT_LT(path.size(), sizeof address.sun_path);
        std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
        socket_ = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        ASSERT_EQ(bind(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
        setenv("NOTIFY_SOCKET", path.c_str(), 1);
    }
    void TearDown() override {
        unsetenv("NOTIFY_SOCKET");
        close(socket_);
        std::filesystem::remove_all(folder_);
    }
    std::string received() const {
        std::array<char, 1024> buffer{};
        const ssize_t size = recv(socket_, buffer.data(), buffer.size(), MSG_DONTWAIT);
        return size < 0 ? std::string{} : std::string(buffer.data(), static_cast<size_t>(size));
    }

    std::filesystem::path folder_;
    int socket_ = -1;
};

TEST_F(NotifySocket, HearsEveryState) {
    notify_ready("Listening");
    EXPECT_EQ(received(), "READY=1\nSTATUS=Listening");
    feed_watchdog();
    EXPECT_EQ(received(), "WATCHDOG=1");
    notify_reloading("Reading");
    EXPECT_TRUE(received().starts_with("RELOADING=1\nMONOTONIC_USEC="));
    notify_status("Refused");
    EXPECT_EQ(received(), "STATUS=Refused");
    notify_stopping("Finishing", microseconds{1});
    EXPECT_TRUE(received().starts_with("STOPPING=1\n"));
}

TEST(Notify, IsSilentWhereNobodyListens) {
    unsetenv("NOTIFY_SOCKET");
    notify_ready("Listening");
    feed_watchdog();
}

TEST(Watchdog, IsFedTwiceAsOftenAsTheManagerWants) {
    const std::string self = std::to_string(getpid());
    struct Case {
        std::string_view name;
        const char* usec;
        const char* pid;
        std::optional<microseconds> wanted;
    };
    const Case cases[] = {
        {"nobody watches", nullptr, nullptr, std::nullopt},
        {"it watches us", "30000000", self.c_str(), microseconds{15'000'000}},
        {"it watches whoever runs", "2000000", nullptr, microseconds{1'000'000}},
        {"it watches another process", "30000000", "1", std::nullopt},
    };
    for (const Case& test_case : cases) {
        SCOPED_TRACE(test_case.name);
        unsetenv("WATCHDOG_USEC");
        unsetenv("WATCHDOG_PID");
        if (test_case.usec != nullptr) setenv("WATCHDOG_USEC", test_case.usec, 1);
        if (test_case.pid != nullptr) setenv("WATCHDOG_PID", test_case.pid, 1);
        EXPECT_EQ(watchdog_interval(), test_case.wanted);
    }
    unsetenv("WATCHDOG_USEC");
    unsetenv("WATCHDOG_PID");
}

}  // namespace
}  // namespace postern::systemd
