#include "tests/unit/net/client_fixture.hpp"
#include "tests/unit/net/fake_server.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <sstream>

// Every file of tests/corpora/http-bad-responses, played as its manifest says.
namespace postern::net {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kTimeout{400};
constexpr milliseconds kTimeoutOfSlowSuccess{10'000};

struct HostileCase {
    std::string file;
    std::string how;
    std::string expect;
    std::string bytes;
};

std::string read_file(const std::string& name) {
    const std::string folder = POSTERN_SOURCE_DIR "/tests/corpora/http-bad-responses/";
    std::ifstream file{folder + name, std::ios::binary};
    EXPECT_TRUE(file) << name;
    return {std::istreambuf_iterator<char>{file}, {}};
}

std::vector<HostileCase> hostile_cases() {
    std::vector<HostileCase> cases;
    std::istringstream manifest{read_file("MANIFEST.tsv")};
    for (std::string line; std::getline(manifest, line);) {
        if (line.starts_with('#')) continue;
        std::istringstream columns{line};
        HostileCase entry;
        std::getline(columns, entry.file, '\t');
        std::getline(columns, entry.how, '\t');
        std::getline(columns, entry.expect, '\t');
        entry.bytes = read_file(entry.file);
        cases.push_back(std::move(entry));
    }
    return cases;
}

void drip(FakePeer& peer, std::string_view bytes, int pause) {
    for (const char& byte : bytes) {
        if (!peer.send({&byte, 1})) return;
        peer.pause_milliseconds(pause);
    }
}

void send_for_ever(FakePeer& peer, const std::string& bytes) {
    while (peer.send(bytes)) {
    }
}

void play(FakePeer& peer, const HostileCase& entry) {
    if (entry.how != "early" && !peer.read_request()) return;
    if (entry.how == "reset") return peer.reset();
    if (entry.how == "drip") {
        drip(peer, entry.bytes, 20);
    } else if (entry.how == "drip-slow") {
        drip(peer, entry.bytes, 50);
    } else {
        peer.send(entry.bytes);
    }
    if (entry.how == "close") peer.close();
    if (entry.how == "repeat") send_for_ever(peer, entry.bytes);
    if (entry.how == "repeat-header") send_for_ever(peer, "X-N: v\r\nX-N: v\r\n");
    if (entry.how == "repeat-body") send_for_ever(peer, std::string(4'096, 'x'));
    if (entry.how == "repeat-chunk") {
        send_for_ever(peer, "400\r\n" + std::string(1'024, 'x') + "\r\n");
    }
    peer.wait_for_end();
}

// What the manifest calls success or failure is the status: a body that is too long or never ends
// leaves the status standing, and the error beside it tells what was wrong.
std::string verdict(const OutboundAnswer& answer) {
    return answer.status >= 200 && answer.status < 300 ? "success" : "fail";
}

TEST(HostileAnswers, AreRecordedAsTheManifestSays) {
    for (const HostileCase& entry : hostile_cases()) {
        SCOPED_TRACE(entry.file);
        FakeServer server{[&entry](FakePeer& peer, int) {
            play(peer, entry);
        }};
        IoThread thread{0};
        HttpClient client{thread, {}};
        OutboundRequest request = request_to(server.port());
        request.timeout = entry.expect == "success" ? kTimeoutOfSlowSuccess : kTimeout;
        // The status has decided by then, and a body that stands still need not be waited for.
        if (entry.how != "drip") request.body_timeout = kTimeout;
        const OutboundAnswer answer = run_task(thread, client.send(request));
        const bool decided = entry.expect != "any";
        EXPECT_EQ(verdict(answer), decided ? entry.expect : verdict(answer));
        EXPECT_LE(answer.body.size(), request.body_bytes_kept);
        // A kept connection follows only an answer without any fault.
        const bool faulty = answer.error != OutboundError::none;
        EXPECT_LE(client.idle_connections(), faulty ? 0U : 1U);
    }
}

TEST(HostileAnswers, AreNotTakenForTheNextRequests) {
    const std::string bytes = read_file("063-two-answers.res");
    FakeServer server{answering(bytes)};
    IoThread thread{0};
    HttpClient client{thread, {}};
    for (int i = 0; i < 3; ++i) {
        const OutboundAnswer answer = run_task(thread, client.send(request_to(server.port())));
        EXPECT_EQ(answer.error, OutboundError::none);
        EXPECT_EQ(answer.body, "ok");
        EXPECT_EQ(answer.connection, OutboundAnswer::Connection::fresh);
        EXPECT_EQ(client.idle_connections(), 0U);
    }
}

}  // namespace
}  // namespace postern::net
