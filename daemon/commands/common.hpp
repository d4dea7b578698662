#pragma once

#include "config/config.hpp"
#include "core/result.hpp"
#include "daemon/sandbox_settings.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace postern::daemon::commands {

inline constexpr int kExitFine = 0;
inline constexpr int kExitFailed = 1;
inline constexpr int kExitUsage = 2;
// The number of sysexits.h, which service managers know by name.
inline constexpr int kExitConfiguration = 78;

// What it is printed for: people, or programs.
enum class Output { text, json };

// What every command that needs the configuration takes; empty texts are not given.
struct ConfigOptions {
    std::string config_file;
    std::string data_dir;
    std::string listen;
    std::string admin_listen;
};

// The file, the environment and, over both, the command line.
Result<config::Config, std::vector<Complaint>> load_config(const ConfigOptions& options);
// The same without what it keeps in files of their own: for commands that only have to know where
// the store is. Credentials of the service manager are there for the daemon alone.
Result<config::Config, std::vector<Complaint>> load_places(const ConfigOptions& options);

// The gateway of that id with its settings, or a complaint that names the closest id.
Result<ResolvedGateway, Complaint>
find_gateway(const config::Config& config, std::string_view id, const GatewaySources& sources);

void print(std::string_view text);  // standard output
// Not all that was printed could be written: the disk is full, or the file is gone.
bool has_lost_output();

// Both write to standard error and return the exit code of a failed command.
int complain(const Complaint& complaint);
int complain_of_all(std::span<const Complaint> complaints);

// Bytes that a terminal would act on are spelled out.
std::string printable(std::string_view text);

}  // namespace postern::daemon::commands
