#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace postern::net {

struct DnsRecord {
    std::string owner;  // empty: the name that was asked for
    std::uint32_t ttl = 60;
    std::string data;  // an address, or for an alias the name it stands for
};

struct DnsAnswer {
    int response_code = 0;
    std::vector<DnsRecord> records;  // of the type that was asked for, and aliases
    enum class Manner { at_once, never } manner = Manner::at_once;
};

struct DnsQuestion {
    std::string name;
    enum class Type { a, aaaa, other } type = Type::other;
};

// A name server on a UDP port of 127.0.0.1 that the system chose.
class FakeDns {
 public:
    using Script = std::function<DnsAnswer(const DnsQuestion& question)>;

    explicit FakeDns(Script script);
    FakeDns(const FakeDns&) = delete;
    FakeDns& operator=(const FakeDns&) = delete;
    ~FakeDns();

    std::string server() const;  // "127.0.0.1:53053"
    int questions(const std::string& name);

 private:
    void serve();

    Script script_;
    int socket_;
    int stop_event_;
    std::uint16_t port_ = 0;
    std::mutex mutex_;
    std::map<std::string, int> asked_;
    std::jthread thread_;
};

}  // namespace postern::net
