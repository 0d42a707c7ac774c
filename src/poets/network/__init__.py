"""Files from elsewhere: downloaded, resumed, checked and unpacked."""
